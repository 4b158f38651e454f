"""Reads the settings from the environment; names everything missing or malformed at once, and shows no secret."""

import base64
import binascii
import ipaddress
import re
import socket
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from bot.runtime.dotenv import read_dotenv

GITHUB = "https://api.github.com"

VARIABLES = (
    ("MIGSAFE_APP_ID", "", "the App's id, as on its settings page"),
    ("MIGSAFE_PRIVATE_KEY", "", "the App's private key: PEM text, base64 of it, or a path"),
    ("MIGSAFE_WEBHOOK_SECRET", "", "the App's webhook secret; two, separated by a comma, while rotating"),
    ("MIGSAFE_GITHUB_URL", GITHUB, "the base of GitHub's API; an Enterprise Server's ends in /api/v3"),
    ("MIGSAFE_STATE", "sqlite:///migsafe.db", "where jobs and acknowledgements are kept; postgresql://... to share it"),
    ("MIGSAFE_WORKER_ID", "DYNO, else the host's name", "names this worker where several share a PostgreSQL state"),
    ("MIGSAFE_REPLICA_URL", "", "one database, for the private repositories of the account that owns the App"),
    ("MIGSAFE_REPOSITORIES", "", "owner/name, several separated by commas: what MIGSAFE_REPLICA_URL serves instead"),
    ("MIGSAFE_REPLICAS", "", "a TOML file of [[database]] tables, instead of MIGSAFE_REPLICA_URL"),
    ("MIGSAFE_METRICS_TOKEN", "", "the bearer token for /metrics; without one only this machine may read it"),
    ("MIGSAFE_LOG", "json", "json or text"),
    ("PORT", "8000", "where the App listens"),
    ("HOST", "127.0.0.1; 0.0.0.0 where PORT is set", "the address it listens on"),
)
"""All variables: name, default, meaning; the README shows this table."""


@dataclass(frozen=True, slots=True)
class ReplicaDatabase:
    """A replica, and the repositories and paths it serves; without `repositories`, all of the App's own account."""

    name: str
    url: str
    repositories: tuple[str, ...] | None = None
    paths: tuple[str, ...] = ()
    role: str | None = None

    def __repr__(self) -> str:
        return f"ReplicaDatabase(name={self.name!r})"


class SettingsError(Exception):
    """Everything that is wrong with the environment; `problems` name variables, never secret values."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, repr=False)
class Settings:
    """How the App runs. `private_key` is PEM text; two `webhook_secrets` while one replaces the other."""

    app_id: int = 0
    private_key: str = ""
    webhook_secrets: tuple[str, ...] = ()
    github_url: str = GITHUB
    state: str = "sqlite:///migsafe.db"
    worker_id: str = "migsafe"
    databases: tuple[ReplicaDatabase, ...] = ()
    metrics_token: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    log: str = "json"
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"Settings(app_id={self.app_id}, github_url={self.github_url!r}, host={self.host!r}, port={self.port})"

    @property
    def configured(self) -> bool:
        """Whether the App is registered; until then only `/setup` serves."""
        return bool(self.app_id and self.private_key and self.webhook_secrets)

    @property
    def embedded(self) -> bool:
        """Whether the state is an SQLite file, which one worker at a time may work on."""
        return self.state.startswith("sqlite:")

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be printed."""
        urls = (self.state, *(database.url for database in self.databases))
        passwords = (urlsplit(url).password for url in urls)
        candidates = (self.private_key, *self.webhook_secrets, self.metrics_token, *passwords)
        return tuple(secret for secret in candidates if secret)

    @classmethod
    def read(cls, environ: Mapping[str, str], *, credentials: bool = True) -> "Settings":
        """Reads the settings from `environ`; raises SettingsError.

        With `credentials=False` an App without any credentials is no error: then `/setup` serves.
        """
        reader = _Reader(environ)
        settings = cls(
            app_id=reader.get("MIGSAFE_APP_ID", _app_id) or 0,
            private_key=reader.get("MIGSAFE_PRIVATE_KEY", _private_key) or "",
            webhook_secrets=reader.get("MIGSAFE_WEBHOOK_SECRET", _webhook_secrets) or (),
            github_url=reader.get("MIGSAFE_GITHUB_URL", _github_url) or GITHUB,
            state=reader.get("MIGSAFE_STATE", _state) or "sqlite:///migsafe.db",
            worker_id=reader.get("MIGSAFE_WORKER_ID", _worker_id) or _worker_id(_host_name(environ)),
            databases=_databases(reader),
            metrics_token=reader.get("MIGSAFE_METRICS_TOKEN", _metrics_token),
            host=environ.get("HOST") or ("0.0.0.0" if environ.get("PORT") else "127.0.0.1"),
            port=reader.get("PORT", _port) or 8000,
            log=reader.get("MIGSAFE_LOG", _log) or "json",
            warnings=_warnings(environ),
        )
        missing = tuple(f"{name} is not set" for name in _CREDENTIALS if not environ.get(name, "").strip())
        if credentials or len(missing) < len(_CREDENTIALS):
            reader.problems[:0] = missing
        if reader.problems:
            raise SettingsError(tuple(reader.problems))
        return settings


def environment(environ: Mapping[str, str], directory: Path) -> dict[str, str]:
    """`environ`, and below it the `.env` of this directory (which `migsafe setup` writes)."""
    return {**read_dotenv(directory / ".env"), **environ}


_CREDENTIALS = ("MIGSAFE_APP_ID", "MIGSAFE_PRIVATE_KEY", "MIGSAFE_WEBHOOK_SECRET")
_LOOPBACK_NAMES = ("localhost", "localhost.")
_PEM = re.compile(
    r"-----BEGIN (?P<kind>(?:RSA )?PRIVATE KEY)-----\s+(?P<body>[A-Za-z0-9+/=\s]+?)\s*-----END (?P=kind)-----\s*"
)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
_REPOSITORY = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")

_T = TypeVar("_T")


class _Wrong(Exception):
    """What is wrong with one variable; the message follows its name."""


class _Reader:
    """Reads variables and collects what is wrong with them."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.problems: list[str] = []

    def get(self, name: str, parse: Callable[[str], _T]) -> _T | None:
        written = self.environ.get(name, "").strip()
        if not written:
            return None
        try:
            return parse(written)
        except _Wrong as wrong:
            self.problems.append(f"{name} {wrong}")
            return None


def _app_id(written: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]{0,17}", written):
        raise _Wrong("must be the App's numeric id, as on its settings page")
    return int(written)


def _private_key(written: str) -> str:
    """PEM text, base64 of it, or a path, tried in that order."""
    if "-----BEGIN" in written:
        return _pem(written.replace("\\n", "\n"), "is not a complete RSA private key in PEM form")
    decoded = _from_base64(written)
    if decoded is not None and "-----BEGIN" in decoded:
        return _pem(decoded, "is base64, but not of a complete RSA private key in PEM form")
    path = Path(written).expanduser()
    try:
        text = path.read_text("utf-8")
    except (OSError, ValueError):
        raise _Wrong("is neither PEM text, nor base64 of it, nor the path of a file that can be read") from None
    return _pem(text, "names a file that is not an RSA private key in PEM form")


def _pem(text: str, otherwise: str) -> str:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    found = _PEM.search(text)
    try:
        key = load_pem_private_key(found.group().encode(), password=None) if found else None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if found is None or not isinstance(key, RSAPrivateKey):
        raise _Wrong(otherwise)
    return found.group().strip() + "\n"


def _from_base64(written: str) -> str | None:
    try:
        return base64.b64decode("".join(written.split()), validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        return None


def _webhook_secrets(written: str) -> tuple[str, ...]:
    secrets = tuple(part.strip() for part in written.split(","))
    if not all(secrets) or len(secrets) > 2:
        raise _Wrong("must be one secret, or two separated by a comma while rotating")
    return secrets


def _github_url(written: str) -> str:
    try:
        url = urlsplit(written)
        host, _ = url.hostname, url.port
    except ValueError:
        raise _Wrong("is not a URL") from None
    if url.scheme not in ("https", "http") or not host:
        raise _Wrong(f"must be the base of GitHub's API, such as {GITHUB}")
    if url.username or url.password or url.query or url.fragment:
        raise _Wrong("must be a plain address, without user, query or fragment")
    if url.scheme == "http" and not _is_loopback(host):
        raise _Wrong("must begin with https:// (plain http only to this machine itself)")
    return written.rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host in _LOOPBACK_NAMES


def _state(written: str) -> str:
    if written.startswith("postgres://"):
        written = "postgresql://" + written.removeprefix("postgres://")
    if written.startswith("postgresql://"):
        return _postgres_url(written)
    if not written.startswith("sqlite:///") or len(written) == len("sqlite:///"):
        raise _Wrong("must be sqlite:///PATH or postgresql://...")
    folder = Path(written.removeprefix("sqlite:///")).parent
    if not folder.is_dir():
        raise _Wrong("names a file in a folder that does not exist")
    return written


def _postgres_url(written: str) -> str:
    try:
        url = urlsplit(written)
        _ = url.port
    except ValueError:
        raise _Wrong("is not a URL") from None
    if url.scheme not in ("postgresql", "postgres"):
        raise _Wrong("must begin with postgresql://")
    if not url.hostname and "host=" not in url.query:
        raise _Wrong("names no host")
    return written


def _worker_id(written: str) -> str:
    if not _NAME.fullmatch(written):
        raise _Wrong("must be letters, digits, '.', '_' and '-', at most 128")
    return written


def _host_name(environ: Mapping[str, str]) -> str:
    written = environ.get("DYNO") or socket.gethostname()
    plain = re.sub(r"[^A-Za-z0-9._-]", "-", written).lstrip(".-_")[:128]
    return plain or "migsafe"


def _metrics_token(written: str) -> str:
    if len(written) < 8:
        raise _Wrong("must have at least 8 characters")
    return written


def _port(written: str) -> int:
    if not written.isascii() or not written.isdigit() or not 0 < int(written) < 65536:
        raise _Wrong("must be a port, 1 to 65535")
    return int(written)


def _log(written: str) -> str:
    if written not in ("json", "text"):
        raise _Wrong("must be json or text")
    return written


def _repositories(written: str) -> tuple[str, ...]:
    names = tuple(part.strip() for part in written.split(",") if part.strip())
    wrong = [name for name in names if not _REPOSITORY.fullmatch(name)]
    if wrong:
        raise _Wrong("must be owner/name, several separated by commas")
    return names


def _databases(reader: _Reader) -> tuple[ReplicaDatabase, ...]:
    url = reader.get("MIGSAFE_REPLICA_URL", _postgres_url)
    repositories = reader.get("MIGSAFE_REPOSITORIES", _repositories)
    listed = reader.get("MIGSAFE_REPLICAS", _read_databases)
    given = [name for name in ("MIGSAFE_REPLICA_URL", "MIGSAFE_REPLICAS") if reader.environ.get(name, "").strip()]
    if len(given) == 2:
        reader.problems.append("MIGSAFE_REPLICA_URL and MIGSAFE_REPLICAS are both set; keep one")
    if repositories is not None and given != ["MIGSAFE_REPLICA_URL"]:
        reader.problems.append("MIGSAFE_REPOSITORIES applies only to MIGSAFE_REPLICA_URL, alone")
    if url is not None:
        return (ReplicaDatabase("replica", url, repositories),)
    return listed or ()


def _read_databases(written: str) -> tuple[ReplicaDatabase, ...]:
    try:
        content = tomllib.loads(Path(written).expanduser().read_text("utf-8"))
    except OSError:
        raise _Wrong("names a file that cannot be read") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        at = re.search(r"line \d+", str(error))
        raise _Wrong(f"names a file that is not TOML{f' ({at.group()})' if at else ''}") from None
    entries = content.get("database")
    if not isinstance(entries, list) or not entries or set(content) != {"database"}:
        raise _Wrong("names a file that must consist of [[database]] tables")
    databases = tuple(_database(entry, number) for number, entry in enumerate(entries, 1))
    names = [database.name for database in databases]
    if len(set(names)) < len(names):
        raise _Wrong("gives two databases the same name")
    return databases


def _database(entry: object, number: int) -> ReplicaDatabase:
    where = f"[[database]] number {number}"
    if not isinstance(entry, dict):
        raise _Wrong(f"has in {where} something that is not a table")
    unknown = sorted(set(entry) - {"name", "url", "repositories", "paths", "role"})
    if unknown:
        raise _Wrong(f"has in {where} the unknown key {unknown[0]!r}")
    name, url, role = entry.get("name"), entry.get("url"), entry.get("role")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise _Wrong(f"needs in {where} a name of letters, digits, '.', '_' and '-'")
    if not isinstance(url, str):
        raise _Wrong(f"needs in {where} a url")
    if role is not None and not isinstance(role, str):
        raise _Wrong(f"has in {where} a role that is not text")
    try:
        _postgres_url(url)
    except _Wrong as wrong:
        raise _Wrong(f"has in {where} a url that {wrong}") from None
    repositories = _texts(entry.get("repositories"), where, "repositories")
    if not repositories or any(not _REPOSITORY.fullmatch(repository) for repository in repositories):
        raise _Wrong(f'needs in {where} repositories = ["owner/name"]')
    return ReplicaDatabase(name, url, repositories, _texts(entry.get("paths"), where, "paths"), role)


def _texts(value: object, where: str, key: str) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise _Wrong(f"needs in {where} {key} as a list of strings")
    return tuple(value)


def _warnings(environ: Mapping[str, str]) -> tuple[str, ...]:
    platform = next((name for name in ("DYNO", "K_SERVICE") if environ.get(name)), None)
    if platform is None or environ.get("MIGSAFE_STATE", "sqlite:").strip().startswith("postgres"):
        return ()
    return (
        f"MIGSAFE_STATE is a file, and {platform} is set: the disk here is emptied at every restart, and with it "
        "the queue, acknowledgements and allows. Set MIGSAFE_STATE=postgresql://...",
    )
