"""Types, domains and the labels of enums: named, made, dropped.

Sources: parse_type.c (typenameType), typecmds.c, pg_enum.c (AddEnumLabel, RenameEnumLabel).
"""

from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any

from bot.core.effects.functions.operators import is_built_in
from bot.core.effects.resolving import needs
from bot.core.effects.resolving.asking import Asking
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.messages import Given, say
from bot.core.language.names import Name
from bot.core.language.operations.operation import FieldRole, Mention
from bot.core.language.types import SERIALS, Type
from bot.core.record import fields_of
from bot.core.schema.catalog import CatalogType, TypeKind
from bot.core.schema.dependents import DependentKind, Object, dependents


def find(asking: Asking, name: Name) -> CatalogType | None:
    return asking.database.find_type(Type(name.name, name.schema))


def exists(asking: Asking, name: Name) -> bool:
    """Whether the type exists, or may: one of an extension that the run makes."""
    if name.schema in (None, "pg_catalog") and is_built_in(name.name):
        return True
    if name.schema == "information_schema" or not asking.known or asking.has_new_extension:
        return True
    found = asking.database.find(name)
    return find(asking, name) is not None or (found is not None and found in asking.database.relations)


def need(asking: Asking, name: Name) -> None:
    if asking.failed or "%" in name.name or exists(asking, name):
        return
    if name.schema is not None:
        needs.need_schema(asking, name.schema)
    if not asking.failed:
        asking.fail("42704", "type {} does not exist", named.type_called(name))


def need_spelled(asking: Asking, text: str) -> None:
    """A type by its name in pg_type, as functions have it."""
    name = needs.named_in(text.removesuffix("[]"))
    if name.name not in ("", "trigger", "event_trigger"):
        need(asking, name)


def check_types(asking: Asking, operation: op.Operation) -> None:
    """Every type in the operation: of columns, domains and attributes, and those that expressions cast to."""
    new = {column.name for column in _columns_made(operation)}
    for type in _types_in(operation):
        if type.schema is None and type.name in SERIALS and isinstance(operation, op.AlterColumnType):
            asking.fail("42704", "type {} does not exist", named.type_called(type.name))
        elif not (type.schema is None and type.name in SERIALS):
            need(asking, Name(type.name, type.schema))
        if not asking.failed:
            _check_modifiers(asking, type)
        if asking.failed:
            return
    for column in _columns_made(operation):
        if new and column.type is not None and column.type.name in _PSEUDO and column.type.schema is None:
            asking.fail("42P16", "column {} has pseudo-type {}", named.column(column.name), column.type)
            return


_PSEUDO = frozenset(
    """
    any anyarray anycompatible anycompatiblearray anycompatiblemultirange anycompatiblenonarray anycompatiblerange
    anyelement anyenum anymultirange anynonarray anyrange cstring event_trigger fdw_handler internal language_handler
    record trigger tsm_handler unknown void
    """.split()
)


def _columns_made(operation: op.Operation) -> tuple[op.Column, ...]:
    match operation:
        case op.CreateTable(columns=columns) | op.CreateForeignTable(columns=columns):
            return columns
        case op.AddColumn(column=column):
            return (column,)
        case _:
            return ()


def _types_in(value: Any) -> Iterator[Type]:
    pending = [value]
    while pending:
        current = pending.pop()
        if isinstance(current, tuple):
            pending.extend(reversed(current))
        elif isinstance(current, Type):
            yield current
        elif isinstance(current, Expression):
            pending.extend(cast.type for cast in reversed(current.casts))
        elif is_dataclass(current) and not isinstance(current, type | Name):
            pending.extend(getattr(current, field) for field in reversed(fields_of(type(current))))


def _check_modifiers(asking: Asking, type: Type) -> None:
    if type.name in ("varchar", "bpchar", "bit", "varbit") and type.schema is None and type.modifiers[:1] == ("0",):
        asking.fail("22023", "length for type {} must be at least 1", Given(type.name))


def make(asking: Asking, operation: op.CreateEnum | op.CreateComposite | op.CreateRange | op.CreateDomain) -> None:
    name = operation.domain if isinstance(operation, op.CreateDomain) else operation.type
    needs.need_schema(asking, name.schema or "public")
    database = asking.database
    if asking.failed:
        return
    if name in database.types or (database.exists(name) and name in database.relations):
        asking.fail("42710", "type {} already exists", named.type_called(name))
    elif isinstance(operation, op.CreateEnum) and len(set(operation.labels)) < len(operation.labels):
        label = next(one for one in operation.labels if operation.labels.count(one) > 1)
        asking.fail("23505", "enum label {} used more than once", named.thing(label))


def check_label(asking: Asking, operation: op.AddEnumValue | op.RenameEnumValue) -> None:
    found = asking.database.types.get(operation.type)
    if found is None:
        need(asking, operation.type)
        return
    if found.kind is not TypeKind.ENUM:
        asking.fail("42809", "{} is not an enum", named.type_called(found.name))
        return
    if isinstance(operation, op.RenameEnumValue):
        if operation.value not in found.labels:
            asking.fail("22023", "{} is not an existing enum label", named.thing(operation.value))
        elif operation.to in found.labels:
            asking.fail("42710", "enum label {} already exists", named.thing(operation.to))
        return
    beside = operation.before or operation.after
    if beside is not None and beside not in found.labels:
        asking.fail("22023", "{} is not an existing enum label", named.thing(beside))


def check_attribute(asking: Asking, operation: op.AlterComposite) -> None:
    found = asking.database.types.get(operation.type)
    if found is None:
        need(asking, operation.type)
        return
    has = any(one.name == operation.attribute for one in found.attributes)
    if found.kind is not TypeKind.COMPOSITE:
        asking.fail("42809", "{} is not a composite type", named.type_called(found.name))
    elif operation.action == "ADD" and has:
        asking.fail("42701", "column {} of relation {} already exists", named.column(operation.attribute), found.name)
    elif operation.action != "ADD" and not has:
        asking.fail("42703", "column {} of relation {} does not exist", named.column(operation.attribute), found.name)


def check_renamed_attribute(asking: Asking, operation: op.RenameColumn) -> None:
    if operation.kind != "TYPE":
        return
    found = find(asking, operation.table)
    if found is None:
        need(asking, operation.table)
    elif not any(one.name == operation.column for one in found.attributes):
        asking.fail("42703", "column {} does not exist", named.column(operation.column))
    elif any(one.name == operation.to for one in found.attributes):
        asking.fail("42701", "column {} of relation {} already exists", named.column(operation.to), found.name)


def check_domain(asking: Asking, operation: op.AlterDomain | op.RenameDomainConstraint) -> None:
    found = asking.database.types.get(operation.domain)
    if found is None:
        need(asking, operation.domain)
        return
    if found.kind is not TypeKind.DOMAIN:
        asking.fail("42809", "{} is not a domain", named.type_called(found.name))
        return
    taken = {check.name for check in found.checks}
    if isinstance(operation, op.RenameDomainConstraint):
        wanted, drops, new = operation.constraint, True, operation.to
    else:
        wanted = operation.constraint or ""
        drops = operation.action in ("DROP CONSTRAINT", "VALIDATE CONSTRAINT") and not operation.missing_ok
        new = (operation.check.name or "") if operation.check is not None else ""
    if drops and wanted not in taken:
        asking.fail(
            "42704",
            "constraint {} of domain {} does not exist",
            named.constraint(wanted, found.name),
            named.type_called(found.name),
        )
    elif new in taken:
        asking.fail(
            "42710",
            "constraint {} for domain {} already exists",
            named.constraint(new, found.name),
            named.type_called(found.name),
        )


def drop(asking: Asking, operation: op.DropType) -> None:
    for name in operation.types:
        found = find(asking, name)
        if found is None:
            if name.schema in (None, "pg_catalog", "public") and is_built_in(name.name) and name.name not in _PSEUDO:
                asking.fail("2BP01", "cannot drop type {} because it is required by the database system", _bare(name))
            elif (relation := asking.relation(name)) is not None:
                asking.fail("2BP01", "cannot drop type {} because table {} requires it", _bare(name), relation.name)
            elif not operation.if_exists:
                need(asking, name)
        else:
            _drop_found(asking, found, cascade=operation.cascade)
        if asking.failed:
            return
        if found is not None and operation.domain and found.kind is not TypeKind.DOMAIN:
            asking.fail("42809", "{} is not a domain", named.type_called(found.name))


def _drop_found(asking: Asking, found: CatalogType, *, cascade: bool) -> None:
    if found.extension is not None:
        asking.fail(
            "2BP01",
            "cannot drop type {} because extension {} requires it",
            _bare(found.name),
            named.bare(named.thing(found.extension)),
        )
        return
    listed = asking.database.object("TYPE", found.name)
    if listed is not None:
        what = say("type {}", _bare(found.name))
        needs.refuse_dependents(asking, listed, what, cascade=cascade)
    if cascade or asking.failed:
        return
    for thing, automatic in dependents(asking.database, Object(DependentKind.TYPE, found.name)):
        if not automatic:
            asking.fail(
                "2BP01",
                "cannot drop type {} because other objects depend on it: {}",
                _bare(found.name),
                named.thing(str(thing)),
            )
            return


def _bare(name: Name) -> named.Named:
    return named.bare(named.type_called(name.name))


def check_mention(asking: Asking, mention: Mention) -> None:
    if mention.role in (FieldRole.DROPPED, FieldRole.CREATED):
        return
    found = find(asking, mention.name)
    if found is None:
        if not mention.guarded:
            need(asking, mention.name)
        return
    if mention.schema:
        needs.need_schema(asking, mention.schema)
    if mention.kind == "DOMAIN" and found.kind is not TypeKind.DOMAIN:
        asking.fail("42809", "{} is not a domain", named.type_called(found.name))
    elif mention.role is FieldRole.RENAMED and not asking.failed:
        to = Name(mention.to or found.name.name, mention.schema or found.name.schema)
        if to != found.name and (to in asking.database.types or to in asking.database.relations):
            asking.fail("42710", "type {} already exists", named.type_called(to))
