"""Column definitions with the constraints written at the column."""

from dataclasses import dataclass, field, replace

from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.names import Name
from bot.core.language.types import Type
from bot.sql.grammar.constraints import check_expression, index_parameters, nulls_not_distinct, references
from bot.sql.grammar.expressions import expression, restricted_expression
from bot.sql.grammar.options import foreign_options
from bot.sql.grammar.sequences import sequence_options
from bot.sql.grammar.types import data_type
from bot.sql.text.cursor import Cursor


@dataclass(slots=True)
class Qualities:
    """Everything behind a column's type: ColQualList."""

    default: Expression | None = None
    generated: op.Generated | None = None
    identity: op.Identity | None = None
    collation: Name | None = None
    constraints: list[op.Constraint] = field(default_factory=list)


def column(c: Cursor) -> op.Column:
    """name type ...: columnDef."""
    name = c.name()
    return _column(c, name, data_type(c))


def typed_column(c: Cursor) -> op.Column:
    """A column of a typed table or a partition: name [WITH OPTIONS] and constraints, no type."""
    name = c.name()
    c.eat("WITH", "OPTIONS")
    return _with(op.Column(name, None), qualities(c, name))


def attribute(c: Cursor) -> op.Column:
    """name type [COLLATE ...] of a composite type: TableFuncElement."""
    name = c.name()
    kind = data_type(c)
    return op.Column(name, kind, collation=c.qualified() if c.eat("COLLATE") else None)


def _column(c: Cursor, name: str, kind: Type) -> op.Column:
    storage = compression = None
    if c.eat("STORAGE"):
        storage = "default" if c.eat("DEFAULT") else c.name()
    if c.eat("COMPRESSION"):
        compression = "default" if c.eat("DEFAULT") else c.name()
    foreign_options(c)
    found = _with(op.Column(name, kind), qualities(c, name))
    return replace(found, storage=storage, compression=compression) if storage or compression else found


def _with(bare: op.Column, found: Qualities) -> op.Column:
    return op.Column(
        bare.name,
        bare.type,
        found.default,
        found.generated,
        found.identity,
        tuple(found.constraints),
        found.collation,
    )


def qualities(c: Cursor, column: str) -> Qualities:
    """The constraints, default and collation behind a column or domain."""
    found = Qualities()
    while _quality(c, column, found):
        pass
    return found


def _quality(c: Cursor, column: str, found: Qualities) -> bool:
    if c.eat("COLLATE"):
        found.collation = c.qualified()
        return True
    if _attribute(c, found):
        return True
    name = c.name() if c.eat("CONSTRAINT") else None
    if c.eat("NOT", "NULL"):
        found.constraints.append(op.NotNull(column, name, no_inherit=c.eat("NO", "INHERIT")))
    elif c.eat("NULL"):
        pass
    elif c.eat("DEFAULT"):
        found.default = restricted_expression(c)
    elif c.eat("CHECK"):
        check = check_expression(c, name)
        found.constraints.append(replace(check, no_inherit=c.eat("NO", "INHERIT")))
    elif c.eat("UNIQUE"):
        distinct = nulls_not_distinct(c)
        options, tablespace = index_parameters(c)
        found.constraints.append(
            op.Unique((column,), name, nulls_not_distinct=distinct, tablespace=tablespace, options=options)
        )
    elif c.eat("PRIMARY", "KEY"):
        options, tablespace = index_parameters(c)
        found.constraints.append(op.PrimaryKey((column,), name, tablespace=tablespace, options=options))
    elif c.eat("REFERENCES"):
        found.constraints.append(references(c, (column,), name))
    elif c.eat("GENERATED"):
        _generated(c, found)
    elif name is not None:
        c.fail()
    else:
        return False
    return True


def _generated(c: Cursor, found: Qualities) -> None:
    always = generated_when(c)
    c.need("AS")
    if c.eat("IDENTITY"):
        found.identity = op.Identity(always, identity_options(c))
        return
    if not always:
        c.fail("a generated column needs GENERATED ALWAYS")
    c.need("(")
    value = expression(c)
    c.need(")")
    stored = {"STORED": True, "VIRTUAL": False, "": None}[c.eat_any("STORED", "VIRTUAL")]
    found.generated = op.Generated(value, stored)


def generated_when(c: Cursor) -> bool:
    """ALWAYS (True) or BY DEFAULT."""
    if c.eat("ALWAYS"):
        return True
    c.need("BY", "DEFAULT")
    return False


def identity_options(c: Cursor) -> str:
    """The sequence options in parentheses, without them; "" where none stand."""
    if not c.eat("("):
        return ""
    options, _ = sequence_options(c)
    if not options:
        c.fail()
    c.need(")")
    return options


def _attribute(c: Cursor, found: Qualities) -> bool:
    """DEFERRABLE and the like: they belong to the constraint before them."""
    if c.eat("NOT", "DEFERRABLE"):
        _defer(c, found, False, None)
    elif c.eat("DEFERRABLE"):
        _defer(c, found, True, None)
    elif c.eat("INITIALLY", "DEFERRED"):
        _defer(c, found, True, True)
    elif c.eat("INITIALLY", "IMMEDIATE"):
        _defer(c, found, None, False)
    elif c.eat("NOT", "ENFORCED"):
        _enforce(c, found, False)
    elif c.eat("ENFORCED"):
        _enforce(c, found, True)
    else:
        return False
    return True


def _defer(c: Cursor, found: Qualities, deferrable: bool | None, deferred: bool | None) -> None:
    last = found.constraints[-1] if found.constraints else None
    if not isinstance(last, op.Unique | op.PrimaryKey | op.ForeignKey):
        c.fail("misplaced DEFERRABLE clause")
    found.constraints[-1] = replace(
        last,
        deferrable=last.deferrable if deferrable is None else deferrable,
        initially_deferred=last.initially_deferred if deferred is None else deferred,
    )


def _enforce(c: Cursor, found: Qualities, enforced: bool) -> None:
    last = found.constraints[-1] if found.constraints else None
    if not isinstance(last, op.Check | op.ForeignKey):
        c.fail("misplaced ENFORCED clause")
    found.constraints[-1] = replace(last, enforced=enforced)
