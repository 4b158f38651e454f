"""Functions and procedures: made, replaced, dropped, and named by triggers and grants. Calls are in `expressions`.

Sources: pg_proc.c (ProcedureCreate), parse_func.c (LookupFuncWithArgs), functioncmds.c, trigger.c.
"""

from bot.core.effects.functions.operators import functions as built_in
from bot.core.effects.resolving import needs, types
from bot.core.effects.resolving.asking import Asking
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import Given
from bot.core.language.names import Name
from bot.core.language.operations.operation import FieldRole, Mention
from bot.core.schema.catalog import CatalogFunction
from bot.core.schema.changes.functions import is_overload, same_type, takes
from bot.core.schema.qualify import resolve_function

_BY_KIND = {"FUNCTION": ("FUNCTION",), "PROCEDURE": ("PROCEDURE",), "AGGREGATE": ("AGGREGATE",)}
_ANY = ("FUNCTION", "PROCEDURE", "AGGREGATE")


def make(asking: Asking, operation: op.CreateFunction) -> None:
    needs.need_schema(asking, operation.function.schema or "public")
    if not asking.failed:
        needs.need(asking, "LANGUAGE", Name(operation.language))
    for spelled in operation.types or ():
        types.need_spelled(asking, spelled)
    if asking.failed:
        return
    same = next(
        (
            one
            for one in asking.database.functions_named(operation.function)
            if one.types is not None and operation.types is not None and is_overload(asking.database, one, operation)
        ),
        None,
    )
    if same is None:
        return
    if not operation.or_replace:
        asking.fail("42723", "function {} already exists with same argument types", named.function(same.name))
    else:
        _replace(asking, operation, same)


def _replace(asking: Asking, operation: op.CreateFunction, old: CatalogFunction) -> None:
    if old.kind != ("PROCEDURE" if operation.procedure else "FUNCTION"):
        asking.fail("42809", "cannot change routine kind")
        return
    if old.defaults and "default" not in operation.definition.lower() and "=" not in operation.definition:
        asking.fail("42P13", "cannot remove parameter defaults from existing function")
        return
    returns = operation.returns.strip().lower()
    new = returns.removeprefix("setof ").strip()
    if not old.returns or not new or returns.startswith("table") or "%" in new:
        return
    several = returns.startswith("setof ")
    if old.returns != "record" and (several != old.returns_set or not same_type(asking.database, old.returns, new)):
        asking.fail("42P13", "cannot change return type of existing function")


def check_trigger(asking: Asking, operation: op.CreateTrigger) -> None:
    """Its function exists without arguments and returns trigger."""
    found = [one for one in _overloads(asking, operation.function) if one.arguments == 0]
    if not found:
        if asking.known and not asking.has_new_extension and operation.function.name not in _TRIGGER_FUNCTIONS:
            asking.fail("42883", "function {}() does not exist", named.bare(named.function(operation.function.name)))
    elif not any(one.trigger or one.returns in ("", "trigger") for one in found):
        asking.fail("42P17", "function {} must return type trigger", named.function(found[0].name))


_TRIGGER_FUNCTIONS = frozenset(
    {"suppress_redundant_updates_trigger", "tsvector_update_trigger", "tsvector_update_trigger_column"}
)


def drop(asking: Asking, operation: op.DropFunction) -> None:
    for at, name in enumerate(operation.functions):
        spelled = operation.types[at] if at < len(operation.types) else None
        if operation.kind == "AGGREGATE":
            continue
        found = find(asking, name, spelled, operation.kind, guarded=operation.if_exists)
        if found is not None and not asking.failed:
            _drop_found(asking, found, cascade=operation.cascade)
        if asking.failed:
            return


def _drop_found(asking: Asking, found: CatalogFunction, *, cascade: bool) -> None:
    label = named.bare(named.function(found.name.name))
    if found.extension is not None:
        asking.fail(
            "2BP01",
            "cannot drop function {} because extension {} requires it",
            label,
            named.bare(named.thing(found.extension)),
        )
    elif not cascade and (left := asking.still(found.dependents)):
        asking.fail(
            "2BP01",
            "cannot drop function {} because other objects depend on it: {}",
            label,
            named.thing(left[0]),
        )


def check_call(asking: Asking, operation: op.CallFunction) -> None:
    found = _overloads(asking, operation.function)
    fitting = [one for one in found if one.arguments - one.defaults <= operation.arguments <= one.arguments]
    label = named.bare(named.function(operation.function.name))
    if fitting and all(one.kind != "PROCEDURE" for one in fitting):
        asking.fail("42809", "{}() is not a procedure", label)
    elif found or not asking.known or asking.has_new_extension or operation.function.schema is not None:
        return
    elif operation.function.name not in built_in():
        asking.fail("42883", "procedure {}() does not exist", label)


def find(
    asking: Asking, name: Name, spelled: tuple[str, ...] | None, kind: str, *, guarded: bool = False
) -> CatalogFunction | None:
    """The routine of that name and types; fails where it does not exist, is ambiguous or of another kind."""
    overloads = _overloads(asking, name)
    if spelled is None:
        kinds = _BY_KIND.get(kind, _ANY)
        matching = [one for one in overloads if one.kind in kinds] or overloads
        if len(matching) > 1:
            asking.fail("42725", "{} name {} is not unique", Given(kind.lower()), named.function(name))
            return None
        found = matching[0] if matching else None
    else:
        found = next((one for one in overloads if takes(asking.database, one, spelled)), None)
    if found is None:
        if any(one.types is None for one in overloads):
            return None
        _missing(asking, name, spelled, kind, guarded=guarded)
        return None
    if kind in _BY_KIND and found.kind not in _BY_KIND[kind]:
        asking.fail("42809", "{} is not a {}", named.function(found.name), Given(kind.lower()))
    return found


def _missing(asking: Asking, name: Name, spelled: tuple[str, ...] | None, kind: str, *, guarded: bool) -> None:
    shared = built_in().get(name.name, ()) if name.schema in (None, "pg_catalog", "public") else ()
    if any(spelled is None or one.arguments == spelled for one in shared):
        if not guarded or name.schema != "public":
            asking.fail(
                "2BP01",
                "cannot drop function {} because it is required by the database system",
                named.bare(named.function(name.name)),
            )
        return
    if guarded or not asking.known or asking.has_new_extension:
        return
    if name.schema is not None:
        needs.need_schema(asking, name.schema)
    if asking.failed:
        return
    for type in spelled or ():
        types.need_spelled(asking, type)
        if asking.failed:
            return
    label = named.bare(named.function(name.name))
    if spelled is None:
        asking.fail("42883", "could not find a {} named {}", Given(kind.lower()), named.function(name.name))
    else:
        asking.fail("42883", "{} {}({}) does not exist", Given(kind.lower()), label, Given(", ".join(spelled)))


def _overloads(asking: Asking, name: Name) -> list[CatalogFunction]:
    qualified = resolve_function(asking.database, name) if name.schema is None else name
    return list(asking.database.functions_named(qualified))


def check_mention(asking: Asking, mention: Mention) -> None:
    """A routine in GRANT, COMMENT and ALTER; an aggregate that is made or dropped."""
    database = asking.database
    spelled = None if mention.of is None else tuple(part for part in mention.of.split(",") if part)
    if mention.role is FieldRole.CREATED:
        schema = mention.name.schema or database.home
        needs.need_schema(asking, schema)
        same = [one for one in database.functions_named(Name(mention.name.name, schema)) if one.types == spelled]
        if same and not asking.failed:
            asking.fail("42723", "function {} already exists with same argument types", named.function(mention.name))
        return
    if mention.role is FieldRole.DROPPED and mention.kind != "AGGREGATE":
        return
    built = built_in().get(mention.name.name) and mention.name.schema in (None, "pg_catalog")
    if built and mention.role is FieldRole.SUBJECT:
        return
    found = find(asking, mention.name, spelled, mention.kind, guarded=mention.guarded)
    if found is None or asking.failed or mention.role is not FieldRole.RENAMED:
        return
    if mention.schema:
        needs.need_schema(asking, mention.schema)
    to = Name(mention.to or found.name.name, mention.schema or found.name.schema)
    if not asking.failed and any(one.types == found.types for one in database.functions_named(to)):
        asking.fail(
            "42723", "function {} already exists in schema {}", named.function(to), named.schema(to.schema or "public")
        )
