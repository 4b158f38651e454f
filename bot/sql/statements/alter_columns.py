"""ADD, DROP and ALTER inside ALTER TABLE: columns and constraints."""

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.core.record import record
from bot.sql.grammar.columns import column, generated_when, identity_options
from bot.sql.grammar.constraints import attributes, is_constraint, table_constraint
from bot.sql.grammar.expressions import expression
from bot.sql.grammar.options import foreign_options, storage_options
from bot.sql.grammar.sequences import sequence_option
from bot.sql.grammar.types import data_type
from bot.sql.text.cursor import Cursor
from bot.sql.text.tokens import NUMBER


@record
class Target:
    """What is altered, and how it was said; `kind` is the word behind ALTER."""

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
    return op.AddColumn(to.table, column(c), if_not_exists, to.only, to.if_exists)


def add_constraint(to: Target, constraint: op.Constraint) -> op.Operation:
    """The operation that adds a constraint."""
    match constraint:
        case op.Check():
            return op.AddCheck(to.table, constraint, to.only, to.if_exists)
        case op.NotNull():
            return op.AddNotNull(to.table, constraint, to.only, to.if_exists)
        case op.Unique():
            return op.AddUnique(to.table, constraint, to.only, to.if_exists)
        case op.PrimaryKey():
            return op.AddPrimaryKey(to.table, constraint, to.only, to.if_exists)
        case op.ForeignKey():
            return op.AddForeignKey(to.table, constraint, to.only, to.if_exists)
        case op.Exclusion():
            return op.AddExclusion(to.table, constraint, to.only, to.if_exists)


def drop(c: Cursor, of: Target) -> op.Operation:
    """DROP a column or a constraint."""
    c.need("DROP")
    if c.eat("CONSTRAINT"):
        missing_ok = c.if_exists()
        name = c.name()
        return op.DropConstraint(of.table, name, c.cascade(), missing_ok, of.only, of.if_exists)
    c.eat("COLUMN")
    missing_ok = c.if_exists()
    name = c.name()
    return op.DropColumn(of.table, name, c.cascade(), missing_ok, of.only, of.if_exists)


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
        return op.SetStatistics(of.table, number, _statistics(c), of.only, of.if_exists)
    name = c.name()
    match c.word:
        case "SET":
            return _set(c, of, name)
        case "DROP":
            return _drop_from(c, of, name)
        case "TYPE":
            c.need("TYPE")
            return _type(c, of, name)
        case "ADD":
            c.need("ADD", "GENERATED")
            always = generated_when(c)
            c.need("AS", "IDENTITY")
            return op.AddIdentity(of.table, name, op.Identity(always, identity_options(c)), of.only, of.if_exists)
        case "RESET":
            c.need("RESET")
            return op.SetColumnOptions(of.table, name, storage_options(c), True, of.only, of.if_exists)
        case "RESTART":
            return _identity(c, of, name)
        case "OPTIONS":
            foreign_options(c)
            return op.SetForeignOptions(of.table, name, of.only, of.if_exists)
    return c.fail()


def _alter_constraint(c: Cursor, of: Target) -> op.AlterConstraint:
    name = c.name()
    if c.eat("INHERIT"):
        return op.AlterConstraint(of.table, name, no_inherit=False, only=of.only, if_exists=of.if_exists)
    said = attributes(c)
    if said.not_valid:
        c.fail("a constraint cannot be made NOT VALID")
    return op.AlterConstraint(
        of.table,
        name,
        said.deferrable,
        said.initially_deferred,
        said.enforced,
        True if said.no_inherit else None,
        of.only,
        of.if_exists,
    )


def _set(c: Cursor, of: Target, name: str) -> op.Operation:
    ahead = c.ahead()
    match ahead:
        case "NOT":
            c.need("SET", "NOT", "NULL")
            return op.SetNotNull(of.table, name, of.only, of.if_exists)
        case "DEFAULT":
            c.at += 2
            default = expression(c)
            if of.kind == "VIEW":
                return op.AlterViewColumnDefault(of.table, name, default)
            return op.SetDefault(of.table, name, default, of.only, of.if_exists)
        case "DATA":
            c.need("SET", "DATA", "TYPE")
            return _type(c, of, name)
        case "STATISTICS":
            c.at += 2
            return op.SetStatistics(of.table, name, _statistics(c), of.only, of.if_exists)
        case "STORAGE":
            c.at += 2
            storage = "default" if c.eat("DEFAULT") else c.name()
            return op.SetStorage(of.table, name, storage, of.only, of.if_exists)
        case "COMPRESSION":
            c.at += 2
            compression = "default" if c.eat("DEFAULT") else c.name()
            return op.SetCompression(of.table, name, compression, of.only, of.if_exists)
        case "EXPRESSION":
            c.at += 2
            c.need("AS", "(")
            value = expression(c)
            c.need(")")
            return op.SetExpression(of.table, name, value, of.only, of.if_exists)
        case "(":
            c.at += 1
            return op.SetColumnOptions(of.table, name, storage_options(c), False, of.only, of.if_exists)
    return _identity(c, of, name)


def _drop_from(c: Cursor, of: Target, name: str) -> op.Operation:
    c.need("DROP")
    if c.eat("NOT", "NULL"):
        return op.DropNotNull(of.table, name, of.only, of.if_exists)
    if c.eat("DEFAULT"):
        if of.kind == "VIEW":
            return op.AlterViewColumnDefault(of.table, name, None)
        return op.DropDefault(of.table, name, of.only, of.if_exists)
    what = c.need_any("EXPRESSION", "IDENTITY")
    missing_ok = c.if_exists()
    kind = op.DropExpression if what == "EXPRESSION" else op.DropIdentity
    return kind(of.table, name, missing_ok, of.only, of.if_exists)


def _type(c: Cursor, of: Target, name: str) -> op.AlterColumnType:
    kind = data_type(c)
    collation = c.qualified() if c.eat("COLLATE") else None
    using = expression(c) if c.eat("USING") else None
    return op.AlterColumnType(of.table, name, kind, using, collation, of.only, of.if_exists)


def _statistics(c: Cursor) -> str:
    if c.eat("DEFAULT"):
        return "default"
    sign = c.eat_any("+", "-")
    return ("-" if sign == "-" else "") + str(c.integer())


def _identity(c: Cursor, of: Target, name: str) -> op.SetIdentity:
    """SET GENERATED, SET sequence options and RESTART, one after the other."""
    first = c.at
    while c.is_at_any("SET", "RESTART"):
        if c.eat("RESTART"):
            if c.eat("WITH") or c.kind == NUMBER or c.is_at_any("+", "-"):
                c.signed()
        elif c.eat("SET", "GENERATED"):
            generated_when(c)
        else:
            c.need("SET")
            if not sequence_option(c):
                c.fail()
    if c.at == first:
        c.fail()
    return op.SetIdentity(of.table, name, c.text(first), of.only, of.if_exists)
