"""Analyses made by hand, for tests of the reports."""

from dataclasses import replace

from bot.core.cost.estimate import Estimate
from bot.core.judging.allowing import Uncounted
from bot.core.judging.analysis import Analysis, UnreadPart, verdict, with_checklist
from bot.core.judging.checklist import checklist
from bot.core.judging.findings import (
    Allowed,
    Confidence,
    Finding,
    SafeRewrite,
    Severity,
    Step,
    StepKind,
    Suggestion,
    WrittenFile,
)
from bot.core.judging.policy import Policy
from bot.core.judging.rule import Hold, Timed
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.facts import Effects, InTransaction, Lock
from bot.core.language.locks import LockMode
from bot.core.language.messages import Bytes, Rows, say
from bot.core.language.migrations import Lines, Migration, Run, Scope, Statement, Transaction
from bot.core.language.names import Name
from bot.core.language.types import Type
from bot.core.schema.catalog import Catalog, CatalogIndex, Relation, RelationKind, Size
from bot.core.schema.session import Session, Setting
from bot.review.acceptance import Acknowledgement

EVENTS = Name("events", "public")
EVENTS_PKEY = Name("events_pkey", "public")
BODY_INDEX = Name("events_body_idx", "public")
SEARCH_INDEX = Name("events_search_idx", "public")
PATH = "db/migrations/20260516101500_events_search.sql"
NEXT = "db/migrations/20260516101501_build_events_search_idx.sql"
SCRIPT = "db/scripts/20260516101502_backfill_events_search.sql"

TEXT = """\
-- migrate:up
SET lock_timeout = '5s';

ALTER TABLE events
  ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('english', body)) STORED;
CREATE INDEX events_search_idx ON events USING gin (search);
DROP INDEX events_body_idx;

-- migrate:down
ALTER TABLE events DROP COLUMN search;
"""

EXPLANATIONS = {
    "generated-column-rewrite": """Adding a stored generated column rewrites the table while nobody can use it.

PostgreSQL computes the value of every row and rewrites the whole table under an ACCESS EXCLUSIVE lock.

```sql flagged
-- given: CREATE TABLE events (id bigint PRIMARY KEY, body text);
ALTER TABLE events ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('english', body)) STORED;
```

A plain column that a trigger fills is instant.

```sql rewritten
```
""",
    "index-without-concurrently": """Building an index blocks writes to its table.

A plain `CREATE INDEX` holds a SHARE lock while it reads every row.

```sql flagged
CREATE INDEX users_email_idx ON users (email);
```
""",
    "drop-index-without-concurrently": """Dropping an index locks its table against reads and writes.

The drop is instant, but it waits for every running query, and every new query waits behind it.
""",
}

_BASIS = (say("{} of heap at 150 MB/s and to_tsvector at 10 MB of text a second", Bytes(2_250_000_000)),)
_REWRITE = Estimate(50.0, 70.0, 140.0, _BASIS)
_BUILD = Estimate(15.0, 22.0, 60.0, (say("GIN at 60 MB of lexemes a second"),))
_INSTANT = Estimate(0.0, 0.0, 0.0)


def catalog() -> Catalog:
    """A replica on which `events` has 1.15 million rows in 2.1 GB."""
    size = Size(1_150_000, 2_250_000_000, index_bytes=400_000_000, source=say("the replica's estimate"))
    return Catalog(
        major=16,
        version="16.9",
        at="2026-05-16T10:00:00Z",
        standby=True,
        replay_lag=0.4,
        relations={
            EVENTS: Relation(EVENTS, RelationKind.TABLE, size=size),
            Name("audit_log", "public"): Relation(Name("audit_log", "public"), RelationKind.TABLE, size=size),
        },
        indexes={
            EVENTS_PKEY: CatalogIndex(EVENTS_PKEY, EVENTS, (_element("id"),), unique=True, primary=True),
            BODY_INDEX: CatalogIndex(BODY_INDEX, EVENTS, (_element("body"),)),
        },
        settings={"statement_timeout": ("60s", "the role migrator")},
    )


def statement(line: int, last: int, sql: str, *operations: op.Operation, transaction: int | None = 1) -> Statement:
    return Statement(PATH, Lines(line, last), operations, sql, line * 100, line * 100 + len(sql), sql, transaction)


def incident() -> Analysis:
    """The stored column, its index and the drop of the old index, in one dbmate file."""
    statements = _statements()
    migration = Migration(PATH, "dbmate", "20260516101500", transactional=True, statements=statements, text=TEXT)
    run = Run((migration,), {1: Transaction(1, Scope.EXPLICIT, "dbmate runs each file in a transaction")})
    return complete(
        Analysis(
            run=run,
            major=16,
            policy=Policy(),
            catalog=catalog(),
            timeline=_timeline(statements),
            findings=_findings(statements),
            frameworks=("dbmate",),
        )
    )


def safe() -> Analysis:
    """One index built concurrently in a file of its own."""
    sql = "CREATE INDEX CONCURRENTLY events_search_idx ON events USING gin (search)"
    build = op.CreateIndex("events_search_idx", Name("events"), (_element("search"),), concurrently=True, method="gin")
    alone = statement(2, 2, sql, build, transaction=None)
    text = f"-- migrate:up transaction:false\n{sql};\n"
    migration = Migration(PATH, "dbmate", "20260516101500", transactional=False, statements=(alone,), text=text)
    done = Effects(
        locks=(Lock(EVENTS, LockMode.SHARE_UPDATE_EXCLUSIVE),),
        scans=(EVENTS,),
        index_builds=(SEARCH_INDEX,),
        invalid_indexes=(SEARCH_INDEX,),
        in_transaction=InTransaction.REFUSED,
        waits_for=("transactions that write to the table", "older snapshots of any transaction"),
    )
    hold = Hold(EVENTS, LockMode.SHARE_UPDATE_EXCLUSIVE, 0, 0, _BUILD, _BUILD)
    timed = Timed(alone, done, _BUILD, _BUILD, _session(), (hold,))
    return complete(Analysis(Run((migration,)), 16, Policy(), catalog(), timeline=(timed,), frameworks=("dbmate",)))


def unread() -> Analysis:
    """The incident without its findings, with a line that could not be read and without a replica."""
    built = statement(12, 14, "DO $$ BEGIN EXECUTE 'ALTER ' || x; END $$", op.Unread("it builds SQL at run time"))
    before = incident()
    first = before.run.migrations[0]
    statements = (*first.statements[:1], built)
    migration = replace(first, statements=statements)
    timeline = (before.timeline[0], Timed(built, Effects(), None, _INSTANT, _session()))
    return complete(
        replace(
            before,
            run=Run((migration,), before.run.transactions),
            catalog=None,
            timeline=timeline,
            findings=(),
            unread=(UnreadPart(PATH, Lines(12, 14), "it builds SQL at run time"),),
        )
    )


def allowed(by: str = "ada") -> Analysis:
    """The incident with every finding accepted."""
    before = incident()
    accepted = Allowed(by, "the table is locked for the night anyway", 4)
    return complete(replace(before, findings=tuple(replace(one, allowed=accepted) for one in before.findings)))


def partly_allowed() -> Analysis:
    """The incident with a second danger, and the first one accepted."""
    before = incident()
    first, second, third = before.findings
    accepted = replace(first, allowed=Allowed("ada", "the table is locked for the night anyway"))
    return complete(replace(before, findings=(accepted, replace(second, severity=Severity.DANGER), third)))


def acknowledged() -> Analysis:
    """What could not be read, which somebody vouches for."""
    before = unread()
    word = Acknowledgement("statements-read", "ada", "2026-05-16T10:00:00Z", "it alters a comment only")
    return with_checklist(before, checklist(before, [word]))


def uncounted() -> Analysis:
    """The incident, which three people tried to accept."""
    rule = "generated-column-rewrite"
    return replace(
        incident(),
        uncounted=(
            Uncounted(PATH, 3, rule, "", "window at night"),
            Uncounted(PATH, 3, rule, "the branch is that of a fork", "window `at` night"),
            Uncounted(PATH, 6, "index-without-concurrently", "`accept.never` names this rule: nobody may", final=True),
        ),
    )


def complete(analysis: Analysis) -> Analysis:
    """With its checklist and its verdict."""
    judged = replace(analysis, verdict=verdict(analysis))
    return with_checklist(judged, checklist(judged))


def _statements() -> tuple[Statement, ...]:
    stored = "to_tsvector('english', body)"
    column = op.Column("search", Type("tsvector"), generated=op.Generated(Expression(stored)))
    table = Name("events")
    return (
        statement(2, 2, "SET lock_timeout = '5s'", op.SetSetting("lock_timeout", "5s")),
        statement(
            4,
            5,
            f"ALTER TABLE events\n  ADD COLUMN search tsvector GENERATED ALWAYS AS ({stored}) STORED",
            op.AddColumn(table, column),
        ),
        statement(
            6,
            6,
            "CREATE INDEX events_search_idx ON events USING gin (search)",
            op.CreateIndex("events_search_idx", table, (_element("search"),), method="gin"),
        ),
        statement(7, 7, "DROP INDEX events_body_idx", op.DropIndex((Name("events_body_idx"),))),
    )


def _timeline(statements: tuple[Statement, ...]) -> tuple[Timed, ...]:
    exclusive, share = LockMode.ACCESS_EXCLUSIVE, LockMode.SHARE
    whole = _REWRITE + _BUILD
    session = _session()
    limited = replace(session, settings={**session.settings, "lock_timeout": Setting("5s", "line 2")})
    return (
        Timed(statements[0], Effects(), _INSTANT, _INSTANT, session),
        Timed(
            statements[1],
            Effects(
                locks=(Lock(EVENTS, exclusive), Lock(EVENTS_PKEY, exclusive, index=True)),
                rewrites=(EVENTS,),
                index_rebuilds=(EVENTS_PKEY, BODY_INDEX),
                expressions=(Name("to_tsvector"),),
            ),
            _REWRITE,
            _REWRITE,
            limited,
            (Hold(EVENTS, exclusive, 1, 3, whole, whole), Hold(EVENTS_PKEY, exclusive, 1, 3, whole, whole, index=True)),
        ),
        Timed(
            statements[2],
            Effects(locks=(Lock(EVENTS, share),), scans=(EVENTS,), index_builds=(SEARCH_INDEX,)),
            _BUILD,
            _BUILD,
            limited,
            (Hold(EVENTS, share, 2, 3, _BUILD, _BUILD),),
        ),
        Timed(
            statements[3],
            Effects(locks=(Lock(EVENTS, exclusive), Lock(BODY_INDEX, exclusive, index=True)), drops=(BODY_INDEX,)),
            _INSTANT,
            _INSTANT,
            limited,
            (Hold(EVENTS, exclusive, 3, 3, _INSTANT, _INSTANT),),
        ),
    )


def _findings(statements: tuple[Statement, ...]) -> tuple[Finding, ...]:
    first = "ALTER TABLE events\n  ADD COLUMN search tsvector;"
    build = (
        "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY events_search_idx ON events USING gin (search);\n"
    )
    column_files = (
        WrittenFile(
            StepKind.MIGRATION,
            PATH,
            TEXT,
            say("The column as it can be had at once; a trigger fills it."),
            transactional=True,
        ),
        WrittenFile(
            StepKind.SCRIPT,
            SCRIPT,
            "-- In batches of 5,000.\nUPDATE events SET search = to_tsvector('english', body) WHERE search IS NULL;\n",
            say("In batches, each committed, with a pause between them; it can be stopped and run again."),
        ),
        WrittenFile(StepKind.DEPLOY, None, "", say("Release code that reads search."), stage=2),
    )
    return (
        Finding(
            rule="generated-column-rewrite",
            statement=statements[1],
            relation=EVENTS,
            severity=Severity.DANGER,
            title=say("Adding {} rewrites {}", named.column("search", EVENTS), EVENTS),
            message=say(
                "`search` is a stored generated column: PostgreSQL computes it for every row and rewrites {} and "
                "all of its indexes. Nobody can read or write {} for {}. {} has {} in {} (the replica's estimate). "
                "statement_timeout is 60 s (the role migrator): the statement may be cancelled before it is done, the "
                "migration fails, and the code runs without the schema it expects. Lock: AccessExclusiveLock on {}, "
                "kept until the transaction ends.",
                *(EVENTS, EVENTS, Estimate(65.0, 90.0, 200.0), EVENTS, Rows(1_150_000), Bytes(2_250_000_000), EVENTS),
            ),
            estimate=_REWRITE + _BUILD,
            rewrite=SafeRewrite(
                (Step(StepKind.MIGRATION), Step(StepKind.SCRIPT), Step(StepKind.DEPLOY)),
                differs=say("`search` is an ordinary column that a trigger keeps up to date."),
            ),
            files=column_files,
            suggestion=Suggestion(Lines(4, 5), first),
            fingerprint="1f0c3a5b7d9e2f4a6b8c",
        ),
        Finding(
            rule="index-without-concurrently",
            statement=statements[2],
            relation=EVENTS,
            severity=Severity.WARNING,
            title=say("Building {} blocks writes to {}", named.index("events_search_idx", EVENTS), EVENTS),
            message=say(
                "CREATE INDEX without CONCURRENTLY reads all of {} and makes writers wait until it is done. "
                "Nobody can write to {} for {}. Lock: ShareLock on {}, kept until the transaction ends.",
                *(EVENTS, EVENTS, _BUILD, EVENTS),
            ),
            estimate=_BUILD,
            rewrite=SafeRewrite((Step(StepKind.MIGRATION, transactional=False),)),
            files=(WrittenFile(StepKind.MIGRATION, NEXT, build, say("In a file of its own."), transactional=False),),
            fingerprint="2f0c3a5b7d9e2f4a6b8c",
        ),
        Finding(
            rule="drop-index-without-concurrently",
            statement=statements[3],
            relation=EVENTS,
            severity=Severity.NOTE,
            title=say("Dropping {} locks out reads and writes of {}", named.index("events_body_idx", EVENTS), EVENTS),
            message=say("DROP INDEX waits for every query that uses the table, and every later query waits behind it."),
            confidence=Confidence.ASSUMED,
            assumptions=(say("PostgreSQL 16 is assumed"),),
            fingerprint="3f0c3a5b7d9e2f4a6b8c",
        ),
    )


def _session() -> Session:
    return Session.begin(catalog())


def _element(column: str) -> op.IndexElement:
    return op.IndexElement(column, Expression(column), column)
