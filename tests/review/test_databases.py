"""Migrations for other databases are not judged, and only if that is certain."""

import pytest

from bot.review.databases import other_database, wanted

RAILS = "GEM\n  remote: x\n  specs:\n    rails (7.1.0)\n"


@pytest.mark.parametrize(
    ("path", "files", "other"),
    [
        pytest.param("db/migrate/1_x.rb", {"Gemfile.lock": f"{RAILS}    mysql2 (0.5.6)\n"}, True, id="rails-on-mysql"),
        pytest.param(
            "db/migrate/1_x.rb", {"Gemfile.lock": f"{RAILS}    pg (1.5.6)\n"}, False, id="rails-on-postgresql"
        ),
        pytest.param(
            "db/migrate/1_x.rb",
            {"Gemfile.lock": f"{RAILS}    pg (1.5.6)\n    sqlite3 (2.0.0)\n"},
            False,
            id="both-drivers-may-be-postgresql",
        ),
        pytest.param("db/migrate/1_x.rb", {}, False, id="nothing-tells"),
        pytest.param(
            "prisma/migrations/1_x/migration.sql",
            {"prisma/migrations/migration_lock.toml": '# lock\nprovider = "mysql"\n'},
            True,
            id="prisma-on-mysql",
        ),
        pytest.param(
            "prisma/migrations/1_x/migration.sql",
            {"prisma/migrations/migration_lock.toml": 'provider = "postgresql"\n', "package.json": '{"mysql2": "1"}'},
            False,
            id="prisma-lock-counts-first",
        ),
        pytest.param(
            "services/a/migrations/1_x.sql",
            {"services/a/go.mod": "require github.com/go-sql-driver/mysql v1\n", "go.mod": "github.com/lib/pq v1\n"},
            False,
            id="a-driver-of-postgresql-above-counts",
        ),
    ],
)
def test_another_database_is_known_by_the_repository_own_files(
    path: str, files: dict[str, str], *, other: bool
) -> None:
    assert (other_database([path], files) is not None) is other


def test_migrations_of_two_services_are_judged_where_one_may_be_postgresql() -> None:
    files = {"a/Gemfile.lock": f"{RAILS}    mysql2 (0.5.6)\n", "b/Gemfile.lock": f"{RAILS}    pg (1.5.6)\n"}
    assert other_database(["a/db/migrate/1_x.rb", "b/db/migrate/1_x.rb"], files) is None


def test_asks_for_the_files_in_every_folder_above() -> None:
    patterns = {want.pattern for want in wanted(["services/a/db/migrate/1_x.rb"])}
    assert {"Gemfile.lock", "services/a/Gemfile.lock", "services/a/db/migrate/migration_lock.toml"} <= patterns
