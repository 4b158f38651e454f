"""The session before a shape as the live path has it: the snapshot of a real server, of what the shape names."""

from bot.core.language.migrations import Migration, Run
from bot.core.schema.asked import asked_by
from bot.core.schema.session import Session
from bot.replica.snapshot import take_snapshot_now
from tests.truth.shapes import Shape, as_statement, run, statements_of


def snapshot_before(url: str, shape: Shape) -> Session:
    """Asks the server at `url`, where `given` has been run, for what the shape names."""
    session = statements_of(shape.session)
    statements = tuple(as_statement(sql, 1) for sql in (*session, *shape.statements))
    asked = asked_by(Run((Migration("shape.sql", "sql", "1", None, statements, ""),)))
    catalog = take_snapshot_now(url, asked)
    before = Session.begin(catalog, snapshot=True)
    for sql in session:
        before = run(before, sql, catalog.major)
    return before
