"""Tables, views, functions, types and their properties as they were."""

import re
from collections.abc import Callable

from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import say
from bot.core.language.names import Name, quote
from bot.core.record import replace
from bot.core.rewrites.undo.prior import NOTHING_TO_UNDO, Inverse, Prior
from bot.core.rewrites.undo.views import view_again
from bot.core.schema.catalog import CatalogType, TypeKind

_OWNED_BY = re.compile(r"\s*OWNED\s+BY\s+[^\s]+\s*", re.IGNORECASE)
"""The whole of the options, and the name without blanks in it."""
_ROW_SECURITY = {"ENABLE": "DISABLE", "DISABLE": "ENABLE", "FORCE": "NO FORCE", "NO FORCE": "FORCE"}


def undo_object(operation: op.Operation, before: Prior) -> Inverse | None:
    """None where the operation is not one of these."""
    return next((found for undo in _UNDO if (found := undo(operation, before)) is not None), None)


def _created_relation(operation: op.Operation, before: Prior) -> Inverse | None:
    match operation:
        case op.CreateTable(table=name) | op.CreateTableAs(table=name) | op.CreateForeignTable(table=name):
            return _made(operation, op.DropTable((name,)), name, before)
        case op.CreateView(view=name):
            return _made(operation, op.DropView((name,)), name, before)
        case op.CreateMaterializedView(view=name):
            return _made(operation, op.DropView((name,), materialized=True), name, before)
        case op.CreateSequence(sequence=name):
            return _made(operation, op.DropSequence((name,)), name, before)
        case op.CreateTrigger(trigger=trigger, table=table):
            if operation.or_replace and not _lacks_trigger(table, trigger, before):
                return Inverse(None, say("the former definition of {}", named.trigger(trigger, table)))
            return Inverse((op.DropTrigger(trigger, table),))
        case op.CreatePolicy(policy=policy, table=table):
            return Inverse((op.DropPolicy(policy, table),))
        case op.CreateRule(rule=rule, table=table) if not operation.or_replace:
            return Inverse((op.DropRule(rule, table),))
        case _:
            return None


def _made(operation: op.Operation, drop: op.Operation, name: Name, before: Prior) -> Inverse:
    """IF NOT EXISTS and OR REPLACE may have met an older one: that is not dropped."""
    if not operation.is_guarded or before.lacks(name):
        return Inverse((drop,))
    if before.relation(name) is not None and not isinstance(operation, op.CreateView):
        return NOTHING_TO_UNDO
    return Inverse(None, say("{} as it may have been before", named.plain(name)))


def _lacks_trigger(table: Name, trigger: str, before: Prior) -> bool:
    relation = before.relation(table)
    return relation is not None and not relation.partial and all(one.name != trigger for one in relation.triggers)


def _created_object(operation: op.Operation, _before: Prior) -> Inverse | None:
    match operation:
        case op.CreateEnum(type=name) | op.CreateComposite(type=name) | op.CreateRange(type=name):
            return Inverse((op.DropType((name,)),))
        case op.CreateDomain(domain=name):
            return Inverse((op.DropType((name,), domain=True),))
        case op.CreateFunction(function=name):
            if operation.or_replace:
                return Inverse(None, say("{} as it may have been before", named.function(name)))
            return Inverse((op.DropFunction((name,), kind="PROCEDURE" if operation.procedure else "FUNCTION"),))
        case op.CreateSchema(schema=schema) if not operation.if_not_exists:
            return Inverse((op.DropSchema((schema,)),))
        case op.CreateExtension(extension=extension) if not operation.if_not_exists:
            return Inverse((op.DropExtension((extension,)),))
        case _:
            return None


def _dropped(operation: op.Operation, before: Prior) -> Inverse | None:
    """What the plan itself has created comes back as it was; of the rest the catalog keeps no definition."""
    match operation:
        case op.DropTrigger(trigger=trigger, table=table):
            definition = before.definition(op.CreateTrigger, table, trigger)
            lost = say("the definition of {}", named.trigger(trigger, table))
            return Inverse((definition,)) if definition is not None else Inverse(None, lost)
        case op.DropFunction(functions=names):
            found = [before.definition(op.CreateFunction, name) for name in names]
            made = tuple(one for one in found if one is not None)
            lost = say("the definition of {}", named.function(names[0]))
            return Inverse(made) if len(made) == len(names) else Inverse(None, lost)
        case op.DropView(views=names):
            views = [_view_again(name, before) for name in names]
            lost = say("the definition of {}", named.plain(names[0]))
            return Inverse(tuple(part for one in views[::-1] for part in one)) if all(views) else Inverse(None, lost)
        case op.DropType(types=names):
            types = [_type(name, before) for name in names]
            known = tuple(
                again for one, name in types if one is not None if (again := _type_again(one, name)) is not None
            )
            lost = say("the definition of {}", named.type_called(names[0]))
            return Inverse(known) if len(known) == len(names) else Inverse(None, lost)
        case op.DropTable(tables=names):
            return Inverse(None, say("{} and its rows", named.plain(names[0])))
        case _:
            return None


def _view_again(name: Name, before: Prior) -> tuple[op.Operation, ...]:
    definition = before.definition(op.CreateView, name)
    if definition is not None:
        return (definition, *before.belongs.get(name, ()))
    return view_again(name, before.relation(name))


def _type(name: Name, before: Prior) -> tuple[CatalogType | None, Name]:
    types = before.session.catalog.types
    path = before.session.search_path if name.schema is None else (name.schema,)
    found = next((types[one] for schema in path if (one := Name(name.name, schema)) in types), None)
    return found, name


def _type_again(known: CatalogType, name: Name) -> op.Operation | None:
    match known.kind:
        case TypeKind.ENUM:
            return op.CreateEnum(name, known.labels)
        case TypeKind.DOMAIN if known.base is not None:
            checks = tuple(
                replace(one.definition, name=one.name) for one in known.checks if isinstance(one.definition, op.Check)
            )
            return op.CreateDomain(name, known.base, known.default, known.not_null, checks)
        case _:
            return None


def _renamed(operation: op.Operation, before: Prior) -> Inverse | None:
    match operation:
        case op.RenameRelation(relation=relation, to=to):
            return Inverse((replace(operation, relation=Name(to, relation.schema), to=relation.name),))
        case op.RenameColumn(column=column, to=to):
            return Inverse((replace(operation, column=to, to=column),))
        case op.RenameDomainConstraint(constraint=constraint, to=to):
            return Inverse((replace(operation, constraint=to, to=constraint),))
        case op.RenameRule(rule=rule, to=to):
            return Inverse((replace(operation, rule=to, to=rule),))
        case op.RenameTrigger(trigger=trigger, to=to):
            return Inverse((replace(operation, trigger=to, to=trigger),))
        case op.RenameEnumValue(value=value, to=to):
            return Inverse((replace(operation, value=to, to=value),))
        case op.RenameObject(name=name, to=to):
            return Inverse((replace(operation, name=Name(to, name.schema), to=name.name),))
        case op.SetSchema(relation=relation, schema=schema):
            former = before.session.resolve(relation).schema
            moved = replace(operation, relation=Name(relation.name, schema), schema=former or "public")
            return Inverse((moved,))
        case _:
            return None


def _property(operation: op.Operation, before: Prior) -> Inverse | None:
    match operation:
        case op.SetLogged(table=table, logged=logged):
            relation = before.relation(table)
            if relation is not None and (relation.persistence != "unlogged") == logged:
                return NOTHING_TO_UNDO
            return Inverse((replace(operation, logged=not logged),))
        case op.SetInherit(inherit=inherit):
            return Inverse((replace(operation, inherit=not inherit),))
        case op.SetRowSecurity(state=state):
            return Inverse((replace(operation, state=_ROW_SECURITY[state]),))
        case op.SetTrigger(state=state):
            return Inverse((replace(operation, state="ENABLE" if state == "DISABLE" else "DISABLE"),))
        case op.SetOptions():
            return _options(operation, before)
        case _:
            return None


def _other(operation: op.Operation, before: Prior) -> Inverse | None:
    match operation:
        case op.SetOwner() | op.Grant() | op.CommentOn() if before.new_view(operation) is not None:
            return NOTHING_TO_UNDO
        case op.AddEnumValue(type=name):
            return Inverse(None, say("{} as it was: PostgreSQL drops no value of an enum", named.type_called(name)))
        case op.SetTablespace(relation=name) if (relation := before.relation(name)) is not None:
            return Inverse((replace(operation, tablespace=relation.tablespace or "pg_default"),))
        case op.AlterSequence():
            return _sequence(operation, before)
        case op.AlterDomain():
            return _domain(operation, before)
        case op.CommentOn():
            return Inverse((), say("the comment that was there before"))
        case op.Grant(relations=relations):
            new = relations and all(before.session.resolve(name) in before.session.created for name in relations)
            return NOTHING_TO_UNDO if new else Inverse((), say("the privileges as they were"))
        case _:
            return None


def _options(operation: op.SetOptions, before: Prior) -> Inverse | None:
    relation, options = before.relation(operation.relation), [option for option, _ in operation.options]
    if relation is None:
        return None
    known = dict(relation.options)
    former = tuple((option, known[option]) for option in options if option in known)
    unset = tuple((option, None) for option in options if option not in known)
    back = (
        *((replace(operation, options=former, reset=False),) if former else ()),
        *((replace(operation, options=unset, reset=True),) if unset else ()),
    )
    return Inverse(back)


def _sequence(change: op.AlterSequence, before: Prior) -> Inverse | None:
    """Whose it was; what else it was is not in the catalog."""
    known = before.relation(change.sequence)
    if known is None or not _OWNED_BY.fullmatch(change.options):
        return None
    if known.owned_by is None:
        return Inverse((replace(change, options="OWNED BY NONE", owned_by=None),))
    table, column = before.spelled(known.owned_by[0], change.sequence), known.owned_by[1]
    options = f"OWNED BY {table}.{quote(column)}"
    return Inverse((replace(change, options=options, owned_by=(table, column)),))


def _domain(change: op.AlterDomain, before: Prior) -> Inverse | None:
    known, _ = _type(change.domain, before)
    match change.action:
        case "SET NOT NULL" | "ADD NOT NULL":
            return Inverse((op.AlterDomain(change.domain, "DROP NOT NULL"),))
        case "DROP NOT NULL":
            return Inverse((op.AlterDomain(change.domain, "SET NOT NULL"),))
        case "ADD CONSTRAINT" if name := change.constraint or (change.check.name if change.check else None):
            return Inverse((op.AlterDomain(change.domain, "DROP CONSTRAINT", constraint=name),))
        case "VALIDATE CONSTRAINT":
            return NOTHING_TO_UNDO
        case "SET DEFAULT" | "DROP DEFAULT" if known is not None:
            if known.default is None:
                return Inverse((op.AlterDomain(change.domain, "DROP DEFAULT"),))
            return Inverse((op.AlterDomain(change.domain, "SET DEFAULT", default=known.default),))
        case _:
            return None


_UNDO: tuple[Callable[[op.Operation, Prior], Inverse | None], ...] = (
    _created_relation,
    _created_object,
    _dropped,
    _renamed,
    _property,
    _other,
)
