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
    """Everything after a column's type: ColQualList."""

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
    """The constraints, default and collation after a column or domain."""
    found = Qualities()
    while _quality(c, column, found):
        pass
    return found


def _quality(c: Cursor, column: str, found: Qualities) -> bool:
    """One of them (ColConstraint), if present."""
    if c.eat("COLLATE"):
        found.collation = c.qualified()
        return True
    if _attribute(c, found):
        return True
    name = c.name() if c.eat("CONSTRAINT") else None
    constraint = _constraint(c, column, name)
    if constraint is not None:
        found.constraints.append(constraint)
        return True
    if _value(c, found):
        return True
    return c.fail() if name is not None else False


def _constraint(c: Cursor, column: str, name: str | None) -> op.Constraint | None:
    """A constraint written at its column, if present; else None, and nothing is consumed."""
    if c.eat("NOT", "NULL"):
        return op.NotNull(column, name, no_inherit=c.eat("NO", "INHERIT"))
    if c.eat("CHECK"):
        check = check_expression(c, name)
        return replace(check, no_inherit=c.eat("NO", "INHERIT"))
    if c.eat("UNIQUE"):
        distinct = nulls_not_distinct(c)
        options, tablespace = index_parameters(c)
        return op.Unique((column,), name, nulls_not_distinct=distinct, tablespace=tablespace, options=options)
    if c.eat("PRIMARY", "KEY"):
        options, tablespace = index_parameters(c)
        return op.PrimaryKey((column,), name, tablespace=tablespace, options=options)
    if c.eat("REFERENCES"):
        return references(c, (column,), name)
    return None


def _value(c: Cursor, found: Qualities) -> bool:
    """NULL, DEFAULT or GENERATED, if present. gram.y lets them have a name, which means nothing."""
    if c.eat("NULL"):
        return True
    if c.eat("DEFAULT"):
        # b_expr: what follows may be NOT NULL, which must not be read as a NOT of the expression.
        found.default = restricted_expression(c)
        return True
    if c.eat("GENERATED"):
        _generated(c, found)
        return True
    return False


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
    """The sequence options in parentheses, without them; "" where there are none."""
    if not c.eat("("):
        return ""
    options, _ = sequence_options(c)
    if not options:
        c.fail()
    c.need(")")
    return options


def _attribute(c: Cursor, found: Qualities) -> bool:
    """DEFERRABLE and the like, if present (ConstraintAttr): they belong to the constraint before them."""
    if c.eat("NOT", "DEFERRABLE"):
        _defer(c, found, deferrable=False)
    elif c.eat("DEFERRABLE"):
        _defer(c, found, deferrable=True)
    elif c.eat("INITIALLY", "DEFERRED"):
        _defer(c, found, deferrable=True, initially_deferred=True)
    elif c.eat("INITIALLY", "IMMEDIATE"):
        _defer(c, found, initially_deferred=False)
    elif c.eat("NOT", "ENFORCED"):
        _enforce(c, found, enforced=False)
    elif c.eat("ENFORCED"):
        _enforce(c, found, enforced=True)
    else:
        return False
    return True


def _defer(
    c: Cursor, found: Qualities, *, deferrable: bool | None = None, initially_deferred: bool | None = None
) -> None:
    last = found.constraints[-1] if found.constraints else None
    if not isinstance(last, op.Unique | op.PrimaryKey | op.ForeignKey):
        c.fail("misplaced DEFERRABLE clause")
    found.constraints[-1] = replace(
        last,
        deferrable=last.deferrable if deferrable is None else deferrable,
        initially_deferred=last.initially_deferred if initially_deferred is None else initially_deferred,
    )


def _enforce(c: Cursor, found: Qualities, *, enforced: bool) -> None:
    last = found.constraints[-1] if found.constraints else None
    if not isinstance(last, op.Check | op.ForeignKey):
        c.fail("misplaced ENFORCED clause")
    found.constraints[-1] = replace(last, enforced=enforced)
