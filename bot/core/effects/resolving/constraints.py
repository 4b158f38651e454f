"""Constraints: conflict targets, foreign keys of new tables, and what SET CONSTRAINTS names.

Sources: plancat.c (infer_arbiter_indexes), parse_clause.c (transformOnConflictArbiter), tablecmds.c.
"""

import re
from collections.abc import Mapping

from bot.core.effects.functions.casts import refers
from bot.core.effects.resolving.asking import Asking
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import Given
from bot.core.language.types import SERIALS, Type
from bot.core.schema.catalog import Relation
from bot.core.schema.database import TABLES

_TARGET = re.compile(r"on\s+conflict\s*\(([^()]*)\)\s*(where\b)?", re.IGNORECASE)
_NAMED = re.compile(r'on\s+conflict\s+on\s+constraint\s+("(?:[^"]|"")+"|[\w$]+)', re.IGNORECASE)


def check_conflict(asking: Asking, operation: op.Insert) -> None:
    relation = asking.whole(operation.table)
    if not operation.conflict or relation is None or relation.kind not in TABLES:
        return
    if (found := _NAMED.match(operation.conflict)) is not None:
        name = _plain(found[1])
        if not any(one.name == name for one in relation.constraints):
            asking.fail(
                "42704",
                "constraint {} for table {} does not exist",
                named.constraint(name, relation.name),
                relation.name,
            )
    elif (target := _TARGET.match(operation.conflict)) is not None:
        _check_columns(asking, relation, [part.strip() for part in target[1].split(",")], filtered=bool(target[2]))
    elif operation.on_conflict == "UPDATE" and re.match(r"on\s+conflict\s+do\b", operation.conflict, re.IGNORECASE):
        asking.fail("42601", "ON CONFLICT DO UPDATE requires inference specification or constraint name")


def _plain(word: str) -> str:
    return word[1:-1].replace('""', '"') if word.startswith('"') else word.lower()


def _check_columns(asking: Asking, relation: Relation, words: list[str], *, filtered: bool) -> None:
    if not all(re.fullmatch(r'"(?:[^"]|"")+"|[A-Za-z_][\w$]*', word) for word in words):
        return
    columns = [_plain(word) for word in words]
    for column in columns:
        if relation.column(column) is None:
            asking.fail("42703", "column {} does not exist", named.column(column, relation.name))
            return
    for index in asking.database.indexes_of(relation.name):
        if (
            index.unique
            and index.valid
            and {element.column for element in index.elements} == set(columns)
            and (index.where is None or filtered)
        ):
            return
    asking.fail("42P10", "there is no unique or exclusion constraint matching the ON CONFLICT specification")


def check_foreign_keys(asking: Asking, operation: op.CreateTable) -> None:
    """The foreign keys of a new table: the referenced columns are there, unique, and of types that compare."""
    types = {column.name: column.type for column in operation.columns}
    keys = [one for column in operation.columns for one in column.constraints] + list(operation.constraints)
    for key in keys:
        if not isinstance(key, op.ForeignKey) or asking.failed:
            continue
        target = asking.relation(key.references)
        if target is None or asking.database.find(key.references) == operation.table:
            continue
        if target.kind not in TABLES:
            asking.fail("42809", "referenced relation {} is not a table", target.name)
        elif not target.partial:
            _check_key(asking, operation, key, target)
            if not asking.failed:
                _compare(asking, key, target, types)


_LIVES = {"temporary": 0, "unlogged": 1, "permanent": 2}


def _check_key(asking: Asking, operation: op.CreateTable, key: op.ForeignKey, target: Relation) -> None:
    mine, theirs = operation.persistence, target.persistence
    if _LIVES.get(mine, 2) > _LIVES.get(theirs, 2) or (mine == "temporary") is not (theirs == "temporary"):
        asking.fail("42P16", "constraints on {} tables may reference only {} tables", Given(mine), Given(mine))
        return
    primary = asking.database.primary_key(target.name)
    wanted = key.references_columns
    if not wanted:
        if primary is None:
            asking.fail("42704", "there is no primary key for referenced table {}", target.name)
        elif len(primary.elements) != len(key.columns):
            asking.fail("42830", "number of referencing and referenced columns for foreign key disagree")
        return
    for column in wanted:
        if target.column(column) is None:
            asking.fail("42703", "column {} referenced in foreign key constraint does not exist", named.column(column))
            return
    if len(wanted) != len(key.columns):
        asking.fail("42830", "number of referencing and referenced columns for foreign key disagree")
    elif not any(
        index.unique
        and index.valid
        and index.where is None
        and sorted(str(element.column) for element in index.elements) == sorted(wanted)
        for index in asking.database.indexes_of(target.name)
    ):
        asking.fail("42830", "there is no unique constraint matching given keys for referenced table {}", target.name)


def _compare(asking: Asking, key: op.ForeignKey, target: Relation, types: Mapping[str, Type | None]) -> None:
    primary = asking.database.primary_key(target.name)
    wanted = key.references_columns or tuple(
        element.column or "" for element in (primary.elements if primary is not None else ())
    )
    for mine, theirs in zip(key.columns, wanted, strict=False):
        type, column = types.get(mine), target.column(theirs)
        if type is None or column is None:
            continue
        bare = Type(SERIALS[type.name]) if type.is_serial else asking.database.domain_base(type)
        other = asking.database.domain_base(column.type)
        if not refers(bare, other):
            asking.fail(
                "42804",
                "key columns {} and {} are of incompatible types: {}, {}",
                named.column(mine),
                named.column(theirs),
                type,
                column.type,
            )
            return


def check_not_inherited(asking: Asking, operation: op.AddCheck) -> None:
    relation = asking.relation(operation.table)
    if relation is not None and relation.partition_key is not None and operation.constraint.no_inherit:
        asking.fail("42P16", "cannot add NO INHERIT constraint to partitioned table {}", relation.name)
