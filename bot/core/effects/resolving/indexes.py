"""Access methods, operator classes and collations of indexes and keys, and what a method cannot do.

Sources: indexcmds.c (DefineIndex, ComputeIndexAttrs, ResolveOpClass), opclasscmds.c.
"""

from collections.abc import Sequence

from bot.core.effects.functions.operators import casts, default_classes, operator_classes
from bot.core.effects.resolving import needs
from bot.core.effects.resolving.asking import Asking
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import Given
from bot.core.language.names import Name
from bot.core.language.types import Type
from bot.core.schema.catalog import Relation, TypeKind

_UNIQUE = frozenset({"btree"})
_SEVERAL = frozenset({"btree", "gist", "gin", "brin"})
_INCLUDE = frozenset({"btree", "gist", "spgist"})
_ORDERED = frozenset({"btree"})
_KNOWN = frozenset({"btree", "hash", "gist", "gin", "brin", "spgist"})


def check(asking: Asking, operation: op.CreateIndex) -> None:
    method = operation.method
    if method not in _KNOWN:
        needs.need(asking, "ACCESS METHOD", Name(method), "i")
        return
    _check_method(asking, operation)
    relation = asking.relation(operation.table)
    for element in operation.elements:
        if asking.failed:
            return
        if element.collation is not None:
            needs.need(asking, "COLLATION", element.collation)
        type = _type_of(relation, element.column)
        if element.operator_class is not None:
            _check_class(asking, method, element.operator_class, type)
        elif type is not None:
            need_default(asking, method, type)


def _check_method(asking: Asking, operation: op.CreateIndex) -> None:
    method, label = operation.method, named.thing(operation.method)
    if operation.unique and method not in _UNIQUE:
        asking.fail("0A000", "access method {} does not support unique indexes", label)
    elif len(operation.elements) > 1 and method not in _SEVERAL:
        asking.fail("0A000", "access method {} does not support multicolumn indexes", label)
    elif operation.include and method not in _INCLUDE:
        asking.fail("0A000", "access method {} does not support included columns", label)
    elif method not in _ORDERED and any(_is_ordered(element.text) for element in operation.elements):
        asking.fail("0A000", "access method {} does not support ASC/DESC options", label)


def _is_ordered(text: str) -> bool:
    words = text.upper().split()
    return words[-1:] in (["ASC"], ["DESC"]) or words[-2:-1] == ["NULLS"]


def _type_of(relation: Relation | None, column: str | None) -> Type | None:
    found = relation.column(column) if relation is not None and column is not None else None
    return found.type if found is not None else None


def _check_class(asking: Asking, method: str, name: Name, type: Type | None) -> None:
    taken = operator_classes().get((method, name.name)) if name.schema in (None, "pg_catalog") else None
    if taken is None:
        if asking.database.object("OPERATOR CLASS", name, method) is None:
            needs.need(asking, "OPERATOR CLASS", name, method)
        return
    spelled = spell(asking, type) if type is not None else None
    if spelled is not None and not any(_fits(spelled, one) for one in taken):
        asking.fail("42804", "operator class {} does not accept data type {}", named.thing(name), Given(str(type)))


def need_default(asking: Asking, method: str, type: Type) -> None:
    """Fails where no operator class of the method is the default of a built-in type."""
    spelled = spell(asking, type)
    if spelled is None or method not in default_classes() or asking.has_new_extension:
        return
    if any(_fits(spelled, one) for one in default_classes()[method]) or _is_extended(asking, method):
        return
    asking.fail("42704", "data type {} has no default operator class for access method {}", type, named.thing(method))


def _is_extended(asking: Asking, method: str) -> bool:
    """Whether an extension or somebody else has added operator classes to the method, whose types are not known."""
    return any(
        one.kind == "OPERATOR CLASS"
        and one.of == method
        and one.name.schema != "pg_catalog"
        # Extensions bring classes of their own types to btree and hash, and of PostgreSQL's types to the others.
        and not (one.extension is not None and method in ("btree", "hash"))
        for one in asking.database.objects
    ) or not asking.lists("OPERATOR CLASS")


def spell(asking: Asking, type: Type) -> str | None:
    """The type by its name in pg_type, below its domains; an enum or a range as its pseudo-type; else None."""
    base = asking.database.domain_base(type)
    found = asking.database.find_type(base)
    if found is not None:
        pseudo = {TypeKind.ENUM: "anyenum", TypeKind.RANGE: "anyrange"}
        return None if base.dimensions else pseudo.get(found.kind)
    if base.schema is not None:
        return None
    return f"{base.name}[]" if base.dimensions else base.name


def _fits(type: str, taken: str) -> bool:
    if type == taken or (type.endswith("[]") and taken == "anyarray"):
        return True
    if taken == "anyrange" and type.endswith("range") and not type.endswith("multirange"):
        return True
    if taken == "anymultirange" and type.endswith("multirange"):
        return True
    cast = casts().get((type, taken))
    return cast is not None and cast[0] == "i" and cast[1] == "b"


def check_key(asking: Asking, operation: op.AddUnique | op.AddPrimaryKey) -> None:
    relation = asking.relation(operation.table)
    _check_columns(asking, relation, operation.constraint.columns)


def _check_columns(asking: Asking, relation: Relation | None, columns: Sequence[str]) -> None:
    for column in columns:
        type = _type_of(relation, column)
        if type is not None and not asking.failed:
            need_default(asking, "btree", type)
