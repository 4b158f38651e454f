"""Migrations that took production down, or could have: found at their line; and safe ones: silent."""

from dataclasses import dataclass, field, replace

import pytest

from bot.core.judging.analysis import Analysis, analyse
from bot.core.judging.findings import Confidence, Finding, Severity, Verdict
from bot.core.judging.framework import Files, SourceFile
from bot.core.judging.policy import Policy
from bot.core.judging.rule import Evidence
from bot.core.language.names import Name
from bot.frameworks import framework_named
from bot.rules import RULES
from tests.support.rule_pages import Example, catalog_of, loud
from tests.support.said import said as text_of

PATH = "db/migrations/20260516101500_change.sql"
CONNECTIONS = "CREATE TABLE connections (id bigint PRIMARY KEY, name text)"
EVENTS = (
    "CREATE TABLE events "
    "(id bigint PRIMARY KEY, connection_id bigint, body text, title varchar(50), created_at timestamp)"
)
TO_CONNECTIONS = (
    "ALTER TABLE events ADD CONSTRAINT events_connection_fkey FOREIGN KEY (connection_id) REFERENCES connections (id) "
    "ON DELETE SET NULL"
)
BODY_INDEX = "CREATE INDEX events_body_idx ON events (body)"
PRODUCTION = (CONNECTIONS, EVENTS, TO_CONNECTIONS, BODY_INDEX)
SIZES = {"connections": 120, "events": 1_150_000}


@dataclass(frozen=True, slots=True)
class Incident:
    """The findings above a note, as (rule, line); empty for a safe migration."""

    text: str
    found: frozenset[tuple[str, int]] = frozenset()
    verdict: Verdict = Verdict.SAFE
    given: tuple[str, ...] = PRODUCTION
    rows: dict[str, int] = field(default_factory=lambda: dict(SIZES))
    settings: dict[str, str] = field(default_factory=lambda: {"statement_timeout": "60s", "lock_timeout": "5s"})
    invalid: tuple[str, ...] = ()
    postgres: int = 16
    catalog: bool = True
    row_bytes: int = 200


def judged(incident: Incident, evidence: Evidence | None = None) -> Analysis:
    run = framework_named("dbmate").read(Files([SourceFile(PATH, incident.text)]))
    given = Example(
        "",
        incident.given,
        incident.rows,
        incident.postgres,
        incident.settings,
        incident.invalid,
        row_bytes=incident.row_bytes,
    )
    return analyse(run, catalog_of(given) if incident.catalog else None, Policy(), RULES, evidence=evidence)


UNSAFE = {
    "stored generated column, index and drop in one file": Incident(
        """-- migrate:up
ALTER TABLE events
  ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('english', body)) STORED;
CREATE INDEX events_search_idx ON events USING gin (search);
DROP INDEX events_body_idx;
-- migrate:down
ALTER TABLE events DROP COLUMN search;
""",
        frozenset(
            {
                ("generated-column-rewrite", 2),
                ("index-without-concurrently", 4),
                ("statements-behind-access-exclusive", 4),
                ("drop-index-without-concurrently", 5),
            }
        ),
        Verdict.BLOCKED,
        row_bytes=1_900,
    ),
    "two CONCURRENTLY in one file without a transaction": Incident(
        """-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY one ON events (title);
CREATE INDEX CONCURRENTLY two ON events (created_at);
-- migrate:down
""",
        frozenset({("concurrently-in-transaction", 2), ("concurrently-in-transaction", 3)}),
        Verdict.BLOCKED,
    ),
    "SET before CONCURRENTLY makes a transaction of the file": Incident(
        """-- migrate:up transaction:false
SET lock_timeout = 0;
CREATE INDEX CONCURRENTLY one ON events (title);
-- migrate:down
""",
        frozenset({("concurrently-in-transaction", 3)}),
        Verdict.BLOCKED,
    ),
    "retry over an invalid index": Incident(
        """-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY IF NOT EXISTS events_body_idx ON events (body);
-- migrate:down
""",
        frozenset({("concurrently-over-invalid-index", 2)}),
        Verdict.BLOCKED,
        settings={"lock_timeout": "0", "statement_timeout": "0"},
        invalid=("events_body_idx",),
    ),
    "short lock_timeout during CONCURRENTLY": Incident(
        """-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY events_title_idx ON events (title);
-- migrate:down
""",
        frozenset({("short-timeout-with-concurrently", 2)}),
        Verdict.ATTENTION,
        settings={"lock_timeout": "2s", "statement_timeout": "0"},
    ),
    "NOT VALID and VALIDATE in one file": Incident(
        """-- migrate:up
ALTER TABLE events ADD CONSTRAINT titled CHECK (length(title) > 0) NOT VALID;
ALTER TABLE events VALIDATE CONSTRAINT titled;
-- migrate:down
""",
        frozenset({("not-valid-and-validate-together", 3)}),
        Verdict.BLOCKED,
        rows={"events": 200_000_000},
        settings={"lock_timeout": "5s", "statement_timeout": "0"},
    ),
    "column and backfill in one transaction": Incident(
        """-- migrate:up
ALTER TABLE events ADD COLUMN kind text;
UPDATE events SET kind = 'plain';
-- migrate:down
""",
        frozenset({("backfill-in-migration", 3), ("statements-behind-access-exclusive", 3)}),
        Verdict.BLOCKED,
        settings={"lock_timeout": "5s", "statement_timeout": "0"},
    ),
    "delete that fans out without an index": Incident(
        """-- migrate:up
DELETE FROM connections WHERE name IS NULL;
-- migrate:down
""",
        frozenset({("delete-fans-out", 2)}),
        Verdict.BLOCKED,
        rows={"connections": 400, "events": 40_000_000},
    ),
    "not null without proof": Incident(
        """-- migrate:up

-- body is always there
ALTER TABLE events
  ALTER COLUMN body
  SET NOT NULL;
-- migrate:down
""",
        frozenset({("set-not-null-without-check", 4)}),
        Verdict.ATTENTION,
        rows={"events": 5_000_000},
        settings={"lock_timeout": "5s", "statement_timeout": "0"},
    ),
    "proof dropped in the same statement": Incident(
        """-- migrate:up
ALTER TABLE events ALTER COLUMN body SET NOT NULL, DROP CONSTRAINT filled;
-- migrate:down
""",
        frozenset({("set-not-null-without-check", 2)}),
        Verdict.BLOCKED,
        given=(*PRODUCTION, "ALTER TABLE events ADD CONSTRAINT filled CHECK (body IS NOT NULL)"),
        rows={"events": 50_000_000},
        settings={"lock_timeout": "5s", "statement_timeout": "0"},
    ),
    "integer to bigint": Incident(
        """-- migrate:up
ALTER TABLE counters ALTER COLUMN hits TYPE bigint;
-- migrate:down
""",
        frozenset({("column-type-rewrite", 2)}),
        Verdict.BLOCKED,
        given=("CREATE TABLE counters (id bigint PRIMARY KEY, hits integer NOT NULL)",),
        rows={"counters": 20_000_000},
    ),
    "lock_timeout known to be off": Incident(
        """-- migrate:up
ALTER TABLE events ADD COLUMN kind text;
ALTER TABLE events ADD COLUMN flavour text;
-- migrate:down
""",
        frozenset({("ddl-without-lock-timeout", 2)}),
        Verdict.ATTENTION,
        settings={"lock_timeout": "0"},
    ),
    "new enum value as the default of a new column": Incident(
        """-- migrate:up
ALTER TYPE mood ADD VALUE 'calm';
ALTER TABLE events ADD COLUMN mood mood NOT NULL DEFAULT 'calm';
-- migrate:down
""",
        frozenset({("enum-value-used-in-same-transaction", 3)}),
        Verdict.BLOCKED,
        given=(*PRODUCTION, "CREATE TYPE mood AS ENUM ('sad', 'happy')"),
    ),
    "no replica, no sizes": Incident(
        """-- migrate:up
ALTER TABLE events ADD COLUMN token uuid NOT NULL DEFAULT gen_random_uuid();
-- migrate:down
""",
        frozenset({("volatile-default-rewrite", 2)}),
        Verdict.BLOCKED,
        catalog=False,
    ),
}

SAFE = {
    "nullable column": "ALTER TABLE events ADD COLUMN kind text;",
    "column with a constant default": "ALTER TABLE events ADD COLUMN kind text NOT NULL DEFAULT 'plain';",
    "column with a stable default": "ALTER TABLE events ADD COLUMN seen_at timestamptz NOT NULL DEFAULT now();",
    "longer varchar": "ALTER TABLE events ALTER COLUMN title TYPE varchar(200);",
    "varchar to text": "ALTER TABLE events ALTER COLUMN title TYPE text;",
    "new table with everything": """CREATE TABLE notes (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  event_id bigint NOT NULL REFERENCES events (id) ON DELETE CASCADE,
  body text NOT NULL CHECK (length(body) > 0),
  search tsvector GENERATED ALWAYS AS (to_tsvector('english', body)) STORED
);
CREATE INDEX notes_event_id_idx ON notes (event_id);
CREATE UNIQUE INDEX notes_body_key ON notes (body);
ALTER TABLE notes ALTER COLUMN search SET NOT NULL;
INSERT INTO notes (event_id, body) VALUES (1, 'first');""",
    "check declared but not validated": "ALTER TABLE events ADD CONSTRAINT titled CHECK (length(title) > 0) NOT VALID;",
    "constraint validated alone": "ALTER TABLE events VALIDATE CONSTRAINT events_connection_fkey;",
    "comment, grant and statistics": """COMMENT ON TABLE events IS 'what happened';
GRANT SELECT ON events TO PUBLIC;
ALTER TABLE events ALTER COLUMN title SET STATISTICS 500;""",
    "one row by its key": "UPDATE connections SET name = 'x' WHERE id = 3;",
    "view": "CREATE VIEW titles AS SELECT id, title FROM events;",
    "function and enum": """CREATE TYPE mood AS ENUM ('sad', 'happy');
CREATE FUNCTION one() RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
ALTER TYPE mood ADD VALUE 'content';""",
    "default changed": "ALTER TABLE events ALTER COLUMN title SET DEFAULT 'untitled';",
    "small table": "CREATE INDEX connections_name_idx ON connections (name);",
}


@pytest.mark.parametrize("incident", UNSAFE.values(), ids=UNSAFE.keys())
def test_finds_the_incident_at_its_line(incident: Incident) -> None:
    analysis = judged(incident)
    assert not analysis.unread
    assert {(one.rule, one.statement.lines.first) for one in loud(analysis)} == incident.found
    assert analysis.verdict is incident.verdict


@pytest.mark.parametrize("statements", SAFE.values(), ids=SAFE.keys())
def test_is_silent_about_a_safe_migration(statements: str) -> None:
    analysis = judged(Incident(f"-- migrate:up\n{statements}\n-- migrate:down\n"))
    assert not analysis.unread
    assert [(one.rule, text_of(one.title)) for one in loud(analysis)] == []
    assert analysis.verdict is Verdict.SAFE


def test_a_concurrent_index_alone_is_silent() -> None:
    text = "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON events (title);\n-- migrate:down\n"
    analysis = judged(Incident(text, settings={"lock_timeout": "0", "statement_timeout": "0"}))
    assert loud(analysis) == []


def test_a_concurrent_drop_alone_is_silent() -> None:
    text = "-- migrate:up transaction:false\nDROP INDEX CONCURRENTLY events_body_idx;\n-- migrate:down\n"
    analysis = judged(Incident(text, settings={"lock_timeout": "0", "statement_timeout": "0"}))
    assert loud(analysis) == []


def test_an_index_on_a_tiny_table_is_a_note() -> None:
    text = "-- migrate:up\nCREATE INDEX connections_name_idx ON connections (name);\n-- migrate:down\n"
    found = _only(judged(Incident(text)), "index-without-concurrently")
    assert found.severity is Severity.NOTE


def test_the_incident_says_what_happens_to_whom_and_for_how_long() -> None:
    found = _only(judged(UNSAFE["stored generated column, index and drop in one file"]), "generated-column-rewrite")
    assert text_of(found.title) == "Adding `search` rewrites `events`"
    for said in (
        "nobody can read or write `events`",
        "1.15 million rows",
        "statement_timeout is 60 s",
        "AccessExclusiveLock",
    ):
        assert said.lower() in text_of(found.message).lower()
    assert text_of(found.message).index("AccessExclusiveLock") > text_of(found.message).lower().index("nobody can read")
    assert found.confidence is Confidence.EXACT
    assert found.estimate is not None
    assert found.rewrite is not None
    assert found.rewrite.differs


@pytest.mark.parametrize(
    ("statement", "rule", "severity"),
    [
        ("ALTER TABLE widgets ALTER COLUMN size SET NOT NULL;", "set-not-null-without-check", Severity.WARNING),
        ("ALTER TABLE widgets ALTER COLUMN size TYPE bigint;", "column-type-rewrite", Severity.WARNING),
        ("ALTER TABLE widgets ALTER COLUMN size TYPE text;", "column-type-rewrite", Severity.NOTE),
        ("CREATE INDEX widgets_size_idx ON widgets (size);", "index-without-concurrently", Severity.WARNING),
        ("DROP INDEX widgets_size_idx;", "drop-index-without-concurrently", Severity.WARNING),
        ("ALTER TABLE widgets ADD COLUMN note text;", "statement-fails", Severity.NOTE),
        ("ALTER TABLE events ADD CHECK (kind > 0);", "statement-fails", Severity.WARNING),
    ],
)
def test_what_a_fresh_snapshot_lacks_may_be_merged_and_not_deployed(
    statement: str, rule: str, severity: Severity
) -> None:
    analysis = judged(Incident(f"-- migrate:up\n{statement}\n-- migrate:down\n"))
    found = _only(analysis, rule)
    assert found.severity is severity
    assert found.confidence is Confidence.ASSUMED
    assert Severity.DANGER not in {one.severity for one in analysis.findings}


DROPPED = "-- migrate:up\nALTER TABLE events DROP COLUMN title;\n-- migrate:down\n"


def test_a_dropped_column_that_code_still_uses_is_a_danger() -> None:
    evidence = Evidence(references={("events", "title"): ("app/models/event.rb:7", "app/views/list.erb:3")})
    found = _only(judged(Incident(DROPPED), evidence), "column-dropped-in-use")
    assert found.severity is Severity.DANGER
    assert "`app/models/event.rb:7` and `app/views/list.erb:3`" in text_of(found.message)


def test_a_dropped_column_that_code_ignores_already_is_silent() -> None:
    evidence = Evidence(ignored_columns={("events", "title"): "app/models/event.rb:2"})
    assert loud(judged(Incident(DROPPED), evidence)) == []


def test_a_dropped_column_of_which_nothing_is_known_is_a_warning() -> None:
    found = _only(judged(Incident(DROPPED)), "column-dropped-in-use")
    assert found.severity is Severity.WARNING
    assert found.confidence is Confidence.ASSUMED


def test_a_null_in_the_statistics_makes_set_not_null_fail() -> None:
    incident = Incident("-- migrate:up\nALTER TABLE events ALTER COLUMN body SET NOT NULL;\n-- migrate:down\n")
    run = framework_named("dbmate").read(Files([SourceFile(PATH, incident.text)]))
    catalog = catalog_of(Example("", incident.given, incident.rows, settings=incident.settings))
    events = catalog.relations[Name("events", "public")]
    columns = tuple(replace(one, null_fraction=0.02) if one.name == "body" else one for one in events.columns)
    known = replace(catalog, relations={**catalog.relations, events.name: replace(events, columns=columns)})
    found = _only(analyse(run, known, Policy(), RULES), "set-not-null-without-check")
    assert found.severity is Severity.DANGER
    assert "about 2 % of the rows" in text_of(found.message)
    assert found.rewrite is not None


def test_the_whole_incident_is_reported_once_per_statement() -> None:
    analysis = judged(UNSAFE["stored generated column, index and drop in one file"])
    said = [(one.rule, one.statement.lines.first, one.relation) for one in analysis.findings]
    assert len(said) == len(set(said))


def test_what_this_deploy_dropped_is_missing_for_certain() -> None:
    text = "-- migrate:up\nDROP TABLE events;\nALTER TABLE events ADD COLUMN note text;\n-- migrate:down\n"
    assert _only(judged(Incident(text)), "statement-fails").severity is Severity.DANGER


def test_without_a_replica_the_estimate_is_not_made_up() -> None:
    found = _only(judged(UNSAFE["no replica, no sizes"]), "volatile-default-rewrite")
    assert found.estimate is None
    assert found.confidence is Confidence.ASSUMED
    assert "10 million rows" in text_of(found.message)


def _only(analysis: Analysis, rule: str) -> Finding:
    [found] = [one for one in analysis.findings if one.rule == rule]
    return found
