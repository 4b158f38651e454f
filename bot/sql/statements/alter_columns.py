"""ADD, DROP and ALTER inside ALTER TABLE: columns and constraints.

Manual: https://www.postgresql.org/docs/current/sql-altertable.html
"""

from collections.abc import Callable

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.core.record import record
from bot.sql.grammar.columns import column, generated_when, identity_options
from bot.sql.grammar.constraints import attributes, is_constraint, table_constraint
from bot.sql.grammar.expressions import expression
from bot.sql.grammar.options import foreign_options, storage_options
from bot.sql.grammar.sequences import restart, sequence_option
from bot.sql.grammar.types import data_type
from bot.sql.text.cursor import Cursor
from bot.sql.text.tokens import NUMBER


@record
class Target:
    """The altered relation and its flags; `kind` is the word after ALTER."""

    table: Name
    only: bool = False
    if_exists: bool = False
    kind: str = "TABLE"


def add(c: Cursor, to: Target) -> op.Operation:
    """ADD a column or a constraint."""
    c.need("ADD")
    if is_constraint(c):
        return add_constraint(to, table_constraint(c))
    c.eat("COLUMN")
    if_not_exists = c.if_not_exists()
    return op.AddColumn(to.table, column(c), if_not_exists=if_not_exists, only=to.only, if_exists=to.if_exists)


def add_constraint(to: Target, constraint: op.Constraint) -> op.Operation:
    """The operation that adds a constraint."""
    match constraint:
        case op.Check():
            return op.AddCheck(to.table, constraint, only=to.only, if_exists=to.if_exists)
        case op.NotNull():
            return op.AddNotNull(to.table, constraint, only=to.only, if_exists=to.if_exists)
        case op.Unique():
            return op.AddUnique(to.table, constraint, only=to.only, if_exists=to.if_exists)
        case op.PrimaryKey():
            return op.AddPrimaryKey(to.table, constraint, only=to.only, if_exists=to.if_exists)
        case op.ForeignKey():
            return op.AddForeignKey(to.table, constraint, only=to.only, if_exists=to.if_exists)
        case op.Exclusion():
            return op.AddExclusion(to.table, constraint, only=to.only, if_exists=to.if_exists)


def drop(c: Cursor, of: Target) -> op.Operation:
    """DROP a column or a constraint."""
    c.need("DROP")
    if c.eat("CONSTRAINT"):
        missing_ok = c.if_exists()
        name = c.name()
        return op.DropConstraint(
            of.table, name, cascade=c.cascade(), missing_ok=missing_ok, only=of.only, if_exists=of.if_exists
        )
    c.eat("COLUMN")
    missing_ok = c.if_exists()
    name = c.name()
    return op.DropColumn(
        of.table, name, cascade=c.cascade(), missing_ok=missing_ok, only=of.only, if_exists=of.if_exists
    )


def alter(c: Cursor, of: Target) -> op.Operation:
    """ALTER a column or a constraint."""
    c.need("ALTER")
    if c.eat("CONSTRAINT"):
        return _alter_constraint(c, of)
    c.eat("COLUMN")
    if c.kind == NUMBER:
        number = str(c.integer())
        if not 1 <= int(number) <= 32767:
            c.fail("a column number lies between 1 and 32767")
        c.need("SET", "STATISTICS")
        return op.SetStatistics(of.table, number, _statistics(c), only=of.only, if_exists=of.if_exists)
    name = c.name()
    read = _CHANGES.get(c.word)
    return read(c, of, name) if read is not None else c.fail()


def _add_identity(c: Cursor, of: Target, name: str) -> op.AddIdentity:
    c.need("ADD", "GENERATED")
    always = generated_when(c)
    c.need("AS", "IDENTITY")
    identity = op.Identity(always, identity_options(c))
    return op.AddIdentity(of.table, name, identity, only=of.only, if_exists=of.if_exists)


def _reset(c: Cursor, of: Target, name: str) -> op.SetColumnOptions:
    c.need("RESET")
    return _set_options(c, of, name, reset=True)


def _set_options(c: Cursor, of: Target, name: str, *, reset: bool) -> op.SetColumnOptions:
    options = storage_options(c)
    return op.SetColumnOptions(of.table, name, options, reset=reset, only=of.only, if_exists=of.if_exists)


def _foreign_options(c: Cursor, of: Target, name: str) -> op.SetForeignOptions:
    foreign_options(c)
    return op.SetForeignOptions(of.table, name, only=of.only, if_exists=of.if_exists)


def _alter_constraint(c: Cursor, of: Target) -> op.AlterConstraint:
    name = c.name()
    if c.eat("INHERIT"):
        return op.AlterConstraint(of.table, name, no_inherit=False, only=of.only, if_exists=of.if_exists)
    given = attributes(c)
    if given.not_valid:
        c.fail("a constraint cannot be made NOT VALID")
    return op.AlterConstraint(
        of.table,
        name,
        deferrable=given.deferrable,
        initially_deferred=given.initially_deferred,
        enforced=given.enforced,
        no_inherit=True if given.no_inherit else None,
        only=of.only,
        if_exists=of.if_exists,
    )


def _set(c: Cursor, of: Target, name: str) -> op.Operation:
    ahead = c.ahead()
    match ahead:
        case "NOT":
            c.need("SET", "NOT", "NULL")
            return op.SetNotNull(of.table, name, only=of.only, if_exists=of.if_exists)
        case "DEFAULT":
            c.at += 2
            default = expression(c)
            if of.kind == "VIEW":
                return op.AlterViewColumnDefault(of.table, name, default)
            return op.SetDefault(of.table, name, default, only=of.only, if_exists=of.if_exists)
        case "DATA":
            c.need("SET", "DATA")
            return _type(c, of, name)
        case "STATISTICS":
            c.at += 2
            return op.SetStatistics(of.table, name, _statistics(c), only=of.only, if_exists=of.if_exists)
        case "STORAGE":
            c.at += 2
            storage = "default" if c.eat("DEFAULT") else c.name()
            return op.SetStorage(of.table, name, storage, only=of.only, if_exists=of.if_exists)
        case "COMPRESSION":
            c.at += 2
            compression = "default" if c.eat("DEFAULT") else c.name()
            return op.SetCompression(of.table, name, compression, only=of.only, if_exists=of.if_exists)
        case "EXPRESSION":
            c.at += 2
            c.need("AS", "(")
            value = expression(c)
            c.need(")")
            return op.SetExpression(of.table, name, value, only=of.only, if_exists=of.if_exists)
        case "(":
            c.at += 1
            return _set_options(c, of, name, reset=False)
    return _identity(c, of, name)


def _drop_from(c: Cursor, of: Target, name: str) -> op.Operation:
    c.need("DROP")
    if c.eat("NOT", "NULL"):
        return op.DropNotNull(of.table, name, only=of.only, if_exists=of.if_exists)
    if c.eat("DEFAULT"):
        if of.kind == "VIEW":
            return op.AlterViewColumnDefault(of.table, name, None)
        return op.DropDefault(of.table, name, only=of.only, if_exists=of.if_exists)
    what = c.need_any("EXPRESSION", "IDENTITY")
    missing_ok = c.if_exists()
    kind = op.DropExpression if what == "EXPRESSION" else op.DropIdentity
    return kind(of.table, name, missing_ok=missing_ok, only=of.only, if_exists=of.if_exists)


def _type(c: Cursor, of: Target, name: str) -> op.AlterColumnType:
    c.need("TYPE")
    kind = data_type(c)
    collation = c.qualified() if c.eat("COLLATE") else None
    using = expression(c) if c.eat("USING") else None
    return op.AlterColumnType(of.table, name, kind, using, collation, only=of.only, if_exists=of.if_exists)


def _statistics(c: Cursor) -> str:
    if c.eat("DEFAULT"):
        return "default"
    sign = c.eat_any("+", "-")
    return ("-" if sign == "-" else "") + str(c.integer())


def _identity(c: Cursor, of: Target, name: str) -> op.SetIdentity:
    """SET GENERATED, SET sequence options and RESTART, in any order."""
    first = c.at
    while c.is_at_any("SET", "RESTART"):
        if restart(c):
            continue
        if c.eat("SET", "GENERATED"):
            generated_when(c)
        else:
            c.need("SET")
            if not sequence_option(c):
                c.fail()
    if c.at == first:
        c.fail()
    return op.SetIdentity(of.table, name, c.text(first), only=of.only, if_exists=of.if_exists)


_CHANGES: dict[str, Callable[[Cursor, Target, str], op.Operation]] = {
    "SET": _set,
    "DROP": _drop_from,
    "TYPE": _type,
    "ADD": _add_identity,
    "RESET": _reset,
    "RESTART": _identity,
    "OPTIONS": _foreign_options,
}
"""By the word after the column's name; each starts with the cursor at that word."""
