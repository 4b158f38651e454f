"""What a CONCURRENTLY that failed leaves behind: how a recipe finds exactly that, drops it, and knows when all is done.

An index that is INVALID because another session builds it at this moment is nobody's leftover.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.report.ledgers import literal

_OURS = (
    "NOT i.indisvalid AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid)"
)
_DROP = "SELECT format('DROP INDEX CONCURRENTLY %s', i.indexrelid::regclass)"
_FROM = "FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid"
_DEFINED = "regexp_replace(pg_get_indexdef({}), '^CREATE (UNIQUE )?INDEX .*? USING ', '\\1')"


@dataclass(frozen=True, slots=True)
class Leftover:
    """Of one statement. `before` are statements that the conditions need; `found` holds for the indexes in question.

    `wanted`: whether such an index must be there at the end, so that the statement runs only where it is missing.
    """

    before: tuple[str, ...]
    found: str
    wanted: bool

    @property
    def dropped(self) -> Iterator[str]:
        """Drops what is INVALID."""
        yield f"{_DROP} {_FROM}"
        yield f" WHERE {_OURS}"
        yield f"   AND {self.found} \\gexec"

    @property
    def missing(self) -> str:
        return f"NOT EXISTS (SELECT {_FROM} WHERE {self.found})"

    @property
    def done(self) -> str:
        """Whether nothing is left to do."""
        if self.wanted:
            return f"EXISTS (SELECT {_FROM} WHERE i.indisvalid AND {self.found})"
        return f"NOT EXISTS (SELECT {_FROM} WHERE {_OURS} AND {self.found})"


def leftover(operations: Sequence[op.Operation], number: int) -> Leftover | None:
    """What a statement may leave INVALID, None where nothing; `number` tells what is made for it from others'."""
    match operations:
        case (op.CreateIndex(concurrently=True, index=None) as build,):
            return _nameless(build, f"migsafe_like_{number}")
        case (op.CreateIndex(concurrently=True, index=str() as index) as build,):
            return Leftover((), f"c.relname = {literal(index)} AND i.indrelid = {_oid(build.table)}", wanted=True)
        case (op.Reindex(concurrently=True) as rebuild,):
            return Leftover((), _of_rebuild(rebuild), wanted=False)
        case _:
            return None


def is_there(operations: Sequence[op.Operation]) -> str | None:
    """Whether a DROP INDEX CONCURRENTLY still has something to drop, None for other statements."""
    match operations:
        case (op.DropIndex(concurrently=True, indexes=(index,)),):
            return f"{_oid(index)} IS NOT NULL"
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Detaching:
    """What a DETACH PARTITION CONCURRENTLY leaves when it is interrupted: a partition that is still being detached.

    Conditions for whether it is `pending`, which only `finalized` ends, and whether it is `attached` at all.
    """

    pending: str
    finalized: str
    attached: str


def detaching(operations: Sequence[op.Operation]) -> Detaching | None:
    """Of DETACH PARTITION CONCURRENTLY, None for other statements."""
    match operations:
        case (op.DetachPartition(concurrently=True) as detach,):
            of = f"inhrelid = {_oid(detach.partition)} AND inhparent = {_oid(detach.table)}"
            return Detaching(
                f"EXISTS (SELECT FROM pg_inherits WHERE {of} AND inhdetachpending)",
                f"ALTER TABLE {detach.table} DETACH PARTITION {detach.partition} FINALIZE;",
                f"EXISTS (SELECT FROM pg_inherits WHERE {of})",
            )
        case _:
            return None


def _nameless(build: op.CreateIndex, like: str) -> Leftover:
    """PostgreSQL gives the name: told by how the index is defined, which an empty copy of the table shows."""
    unique = "UNIQUE " if build.unique else ""
    parts = [f"CREATE {unique}INDEX {like}_idx ON pg_temp.{like} USING {build.method}"]
    parts.append(f"({', '.join(element.text for element in build.elements)})")
    parts += [f"INCLUDE ({', '.join(str(Name(column)) for column in build.include)})"] if build.include else []
    parts += ["NULLS NOT DISTINCT"] if build.nulls_not_distinct else []
    options = ", ".join(name if value is None else f"{name} = {value}" for name, value in build.options)
    parts += [f"WITH ({options})"] if options else []
    parts += [f"WHERE {build.where.text}"] if build.where is not None else []
    same = f"{_DEFINED.format('i.indexrelid')} = {_DEFINED.format(literal(f'pg_temp.{like}_idx') + '::regclass')}"
    return Leftover(
        (
            "-- It has no name: an empty copy of the table shows how the index is defined.",
            f"CREATE TEMP TABLE IF NOT EXISTS {like} (LIKE {build.table});",
            f"DROP INDEX IF EXISTS pg_temp.{like}_idx;",
            f"{' '.join(parts)};",
        ),
        f"i.indrelid = {_oid(build.table)} AND {same}",
        wanted=True,
    )


def _of_rebuild(rebuild: op.Reindex) -> str:
    """The half-built twins, which are named after the indexes that they were to replace."""
    half_built = "c.relname ~ '_cc(new|old)[0-9]*$'"
    if rebuild.target is None:
        if rebuild.kind != "SCHEMA" or rebuild.name is None:
            return half_built
        return f"{half_built} AND c.relnamespace = to_regnamespace({literal(str(Name(rebuild.name)))})"
    tree = f"(SELECT {_oid(rebuild.target)} UNION SELECT relid FROM pg_partition_tree({_oid(rebuild.target)}))"
    if rebuild.kind == "INDEX":
        base = "regexp_replace(c.relname, '_cc(new|old)[0-9]*$', '')"
        cut = f"octet_length(c.relname) >= 60 AND starts_with(n.relname, {base})"
        own = f"SELECT FROM pg_index o JOIN pg_class n ON n.oid = o.indexrelid WHERE o.indexrelid IN {tree}"
        return f"{half_built} AND EXISTS ({own} AND o.indrelid = i.indrelid AND (n.relname = {base} OR {cut}))"
    toast = f"SELECT reltoastrelid FROM pg_class WHERE oid IN {tree}"
    return f"{half_built} AND (i.indrelid IN {tree} OR i.indrelid IN ({toast}))"


def _oid(name: Name) -> str:
    return f"to_regclass({literal(str(name))})"
