"""Actions on a table as a whole, and calls of procedures and blocks, as SQL."""

from collections.abc import Sequence

from bot.core.language import operations as op
from bot.core.language.names import Name, quote
from bot.sql.writing.parts import Writers, dollar_quote, names, parenthesised, unkept, words


def truncate(emptied: op.Truncate) -> str:
    return words(
        f"TRUNCATE TABLE {_marked(emptied.tables, emptied.only)}",
        "RESTART IDENTITY" if emptied.restart_identity else None,
        "CASCADE" if emptied.cascade else None,
    )


def lock(locked: op.LockTable) -> str:
    tables = _marked(locked.tables, locked.only)
    return words(f"LOCK TABLE {tables} IN {locked.mode.sql} MODE", "NOWAIT" if locked.nowait else None)


def _marked(tables: Sequence[Name], only: Sequence[Name]) -> str:
    return ", ".join(f"ONLY {table}" if table in only else str(table) for table in tables)


def reindex(rebuilt: op.Reindex) -> str:
    what = str(rebuilt.target) if rebuilt.target is not None else None
    if what is None and rebuilt.name is not None:
        what = quote(rebuilt.name)
    return words(
        "REINDEX",
        f"(TABLESPACE {quote(rebuilt.tablespace)})" if rebuilt.tablespace else None,
        rebuilt.kind,
        "CONCURRENTLY" if rebuilt.concurrently else None,
        what,
    )


def vacuum(cleaned: op.Vacuum) -> str:
    options = [
        *(["FULL"] if cleaned.full else []),
        *(["ANALYZE"] if cleaned.analyze else []),
        *([] if cleaned.truncate else ["TRUNCATE false"]),
    ]
    return words("VACUUM", f"({', '.join(options)})" if options else None, names(cleaned.tables))


def analyze(sampled: op.Analyze) -> str:
    return words("ANALYZE", names(sampled.tables), parenthesised(sampled.columns))


def cluster(ordered: op.Cluster) -> str:
    return words(
        "CLUSTER",
        str(ordered.table) if ordered.table else None,
        f"USING {quote(ordered.index)}" if ordered.index else None,
    )


def call(called: op.CallFunction) -> str:
    """Raises Unwritable where there are arguments: they are counted, not kept."""
    if called.arguments:
        raise unkept(called)
    return f"CALL {called.function}()"


def do(block: op.Do) -> str:
    language = f"LANGUAGE {quote(block.language)}" if block.language != "plpgsql" else None
    return words("DO", language, dollar_quote(block.body))


WRITERS: Writers = {
    op.Truncate: truncate,
    op.LockTable: lock,
    op.Reindex: reindex,
    op.Vacuum: vacuum,
    op.Analyze: analyze,
    op.Cluster: cluster,
    op.CallFunction: call,
    op.Do: do,
}
