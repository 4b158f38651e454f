"""The environment is read as a whole; all its problems are named at once, and no secret is shown."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from typing_extensions import override

from bot.runtime.dotenv import read_dotenv, write_dotenv
from bot.runtime.settings import VARIABLES, Settings, SettingsError, environment

KEY = (
    rsa.generate_private_key(public_exponent=65537, key_size=2048)
    .private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    .decode()
)
FULL = {"MIGSAFE_APP_ID": "1234", "MIGSAFE_PRIVATE_KEY": KEY, "MIGSAFE_WEBHOOK_SECRET": "s3cret-one"}


def problems(**environ: str) -> str:
    with pytest.raises(SettingsError) as caught:
        Settings.read({**FULL, **environ})
    return str(caught.value)


def test_three_variables_are_enough() -> None:
    settings = Settings.read(FULL)
    assert (settings.app_id, settings.private_key, settings.webhook_secrets) == (1234, KEY, ("s3cret-one",))
    assert (settings.github_url, settings.state) == ("https://api.github.com", "sqlite:///migsafe.db")
    assert (settings.host, settings.port, settings.log) == ("127.0.0.1", 8000, "json")
    assert settings.configured
    assert settings.embedded


def test_everything_missing_or_malformed_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.read({"MIGSAFE_APP_ID": "abc", "PORT": "99999", "MIGSAFE_STATE": "mysql://x", "MIGSAFE_LOG": "xml"})
    named = [problem.split()[0] for problem in caught.value.problems]
    assert named == [
        "MIGSAFE_PRIVATE_KEY",
        "MIGSAFE_WEBHOOK_SECRET",
        "MIGSAFE_APP_ID",
        "MIGSAFE_STATE",
        "PORT",
        "MIGSAFE_LOG",
    ]


def test_an_app_that_is_not_registered_yet_may_serve_its_setup() -> None:
    assert not Settings.read({}, credentials=False).configured
    with pytest.raises(SettingsError):
        Settings.read({"MIGSAFE_APP_ID": "1"}, credentials=False)


def test_no_secret_is_printed() -> None:
    url = "postgresql://reader:hunter2hunter2@db/prod"
    settings = Settings.read({**FULL, "MIGSAFE_REPLICA_URL": url, "MIGSAFE_METRICS_TOKEN": "tok-123456"})
    assert "hunter2hunter2" in settings.secrets
    assert not any(secret in repr(settings) + repr(settings.databases) for secret in settings.secrets)
    wrong = problems(MIGSAFE_WEBHOOK_SECRET="top,hush,three", MIGSAFE_REPLICA_URL="mysql://u:hunter2hunter2@db/x")
    assert "hush" not in wrong
    assert "hunter2" not in wrong


def _as_text(_: Path) -> str:
    return KEY


def _as_one_line(_: Path) -> str:
    return KEY.replace("\n", "\\n")


def _as_base64(_: Path) -> str:
    return base64.b64encode(KEY.encode()).decode()


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(_as_text, id="text"),
        pytest.param(_as_one_line, id="text with escaped line ends"),
        pytest.param(_as_base64, id="base64"),
        pytest.param(str, id="path"),
    ],
)
def test_the_private_key_is_text_or_base64_or_a_path(form: Callable[[Path], str], tmp_path: Path) -> None:
    path = tmp_path / "app.pem"
    path.write_text(KEY)
    assert Settings.read({**FULL, "MIGSAFE_PRIVATE_KEY": form(path)}).private_key == KEY


@pytest.mark.parametrize(
    "written",
    [
        "nowhere.pem",
        "-----BEGIN RSA PRIVATE KEY-----\ncut",
        base64.b64encode(b"-----BEGIN x").decode(),
        "a\0b",
        KEY[:700] + KEY[800:],
    ],
    ids=["no file", "cut short", "base64 of something else", "odd", "damaged"],
)
def test_a_broken_private_key_is_named_not_shown(written: str) -> None:
    wrong = problems(MIGSAFE_PRIVATE_KEY=written)
    assert wrong.startswith("MIGSAFE_PRIVATE_KEY ")
    assert "cut" not in wrong


def test_two_webhook_secrets_while_rotating() -> None:
    assert Settings.read({**FULL, "MIGSAFE_WEBHOOK_SECRET": "old, new"}).webhook_secrets == ("old", "new")


@pytest.mark.parametrize(
    ("url", "works"),
    [
        ("https://github.example.com/api/v3/", True),
        ("http://127.0.0.1:8123", True),
        ("http://localhost:8123/api", True),
        ("http://[::1]:8123", True),
        ("http://github.example.com", False),
        ("http://127.0.0.1.example.com", False),
        ("ftp://github.example.com", False),
        ("https://user:pw@github.example.com", False),
        ("https://github.example.com?x=1", False),
        ("https://", False),
        ("https://h:99999999", False),
        ("github.com", False),
    ],
)
def test_where_github_may_be(url: str, *, works: bool) -> None:
    if works:
        assert Settings.read({**FULL, "MIGSAFE_GITHUB_URL": url}).github_url == url.rstrip("/")
    else:
        assert "MIGSAFE_GITHUB_URL" in problems(MIGSAFE_GITHUB_URL=url)


def test_the_state_may_be_shared(tmp_path: Path) -> None:
    assert Settings.read({**FULL, "MIGSAFE_STATE": "postgres://h/db"}).state == "postgresql://h/db"
    assert Settings.read({**FULL, "MIGSAFE_STATE": f"sqlite:///{tmp_path}/x.db"}).embedded
    assert "folder" in problems(MIGSAFE_STATE=f"sqlite:///{tmp_path}/missing/x.db")


def test_a_file_on_a_disk_that_is_emptied_is_warned_of() -> None:
    (warning,) = Settings.read({**FULL, "DYNO": "web.1"}).warnings
    assert "MIGSAFE_STATE" in warning
    assert Settings.read({**FULL, "DYNO": "web.1", "MIGSAFE_STATE": "postgresql://h/db"}).warnings == ()


def test_a_platform_that_sets_the_port_is_listened_to_from_outside() -> None:
    settings = Settings.read({**FULL, "PORT": "5000"})
    assert (settings.host, settings.port) == ("0.0.0.0", 5000)
    assert Settings.read({**FULL, "PORT": "5000", "HOST": "127.0.0.1"}).host == "127.0.0.1"


def test_a_worker_is_named_after_its_dyno() -> None:
    assert Settings.read({**FULL, "DYNO": "worker.1"}).worker_id == "worker.1"
    assert Settings.read({**FULL, "DYNO": "worker.1", "MIGSAFE_WORKER_ID": "w2"}).worker_id == "w2"


def test_one_replica() -> None:
    url = "postgresql://reader@db/prod"
    (database,) = Settings.read({**FULL, "MIGSAFE_REPLICA_URL": url}).databases
    assert (database.url, database.repositories) == (url, None)
    named = Settings.read({**FULL, "MIGSAFE_REPLICA_URL": url, "MIGSAFE_REPOSITORIES": "acme/shop, acme/web"})
    assert named.databases[0].repositories == ("acme/shop", "acme/web")


def test_several_replicas(tmp_path: Path) -> None:
    path = tmp_path / "replicas.toml"
    path.write_text(
        '[[database]]\nname = "a"\nurl = "postgresql://db/a"\nrepositories = ["acme/shop"]\n'
        'paths = ["services/a/**"]\nrole = "deployer"\n'
        '[[database]]\nname = "b"\nurl = "postgresql://db/b"\nrepositories = ["acme/shop"]\n'
    )
    a, b = Settings.read({**FULL, "MIGSAFE_REPLICAS": str(path)}).databases
    assert (a.name, a.paths, a.role) == ("a", ("services/a/**",), "deployer")
    assert (b.name, b.paths, b.role) == ("b", (), None)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("nonsense", "not TOML"),
        ("", "[[database]]"),
        ("[[database]]\nurl='postgresql://h/d'\nrepositories=['a/b']", "name"),
        ("[[database]]\nname='a'\nurl='mysql://u:hunter2@h/d'\nrepositories=['a/b']", "postgresql://"),
        ("[[database]]\nname='a'\nurl='postgresql://h/d'", "repositories"),
        ("[[database]]\nname='a'\nurl='postgresql://h/d'\nrepositories=['a/b']\nport=1", "'port'"),
        ("[[database]]\nname='a'\nurl='postgresql://h/d'\nrepositories=['a/b']\n" * 2, "two databases"),
        ("database = [1]", "not a table"),
    ],
)
def test_a_broken_list_of_replicas_is_explained(content: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "replicas.toml"
    path.write_text(content)
    wrong = problems(MIGSAFE_REPLICAS=str(path))
    assert wrong.startswith("MIGSAFE_REPLICAS ")
    assert says in wrong
    assert "hunter2" not in wrong


def test_settings_that_contradict_each_other() -> None:
    assert "both" in problems(MIGSAFE_REPLICA_URL="postgresql://h/d", MIGSAFE_REPLICAS="/nowhere")
    assert "MIGSAFE_REPOSITORIES" in problems(MIGSAFE_REPOSITORIES="a/b")


def test_setup_writes_what_serve_reads(tmp_path: Path) -> None:
    path = tmp_path / ".env"
    path.write_text("# mine\nPORT=1\nMIGSAFE_APP_ID=1\n")
    write_dotenv(path, {"MIGSAFE_APP_ID": "2", "MIGSAFE_PRIVATE_KEY": "x="})
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text().startswith("# mine\n")
    assert read_dotenv(path) == {"PORT": "1", "MIGSAFE_APP_ID": "2", "MIGSAFE_PRIVATE_KEY": "x="}
    assert environment({"PORT": "3"}, tmp_path)["PORT"] == "3"
    assert environment({}, tmp_path / "nowhere") == {}


def test_every_variable_that_is_read_is_in_the_readmes_table() -> None:
    asked: set[str] = set()

    class Asked(dict[str, str]):
        @override
        def get(self, name: str, default: Any = None) -> Any:
            asked.add(name)
            return super().get(name, default)

    Settings.read(Asked(FULL))
    platforms = {"DYNO", "K_SERVICE"}
    assert asked - platforms == {name for name, _, _ in VARIABLES}
