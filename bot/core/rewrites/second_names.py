"""Functions, domains and types renamed: the old name stays as an object that means the new one, where there is one."""

from collections.abc import Sequence

from bot.core.judging.findings import SafeRewrite
from bot.core.judging.rule import Moment
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import Message, say
from bot.core.language.names import Name, quote
from bot.core.language.types import Type
from bot.core.rewrites.steps import deploy, dollar_quoted, migration
from bot.core.schema.catalog import CatalogFunction, TypeKind

_ROUTINES = ("FUNCTION", "PROCEDURE", "ROUTINE")


def rename_object(change: op.RenameObject, moment: Moment) -> SafeRewrite | None:
    """The rename, and in its transaction a domain over the domain, or a function that calls the function.

    A type is renamed when no code names it: an enum is never equal to a domain over it (42883, measured on 18). None
    for a schema, of which PostgreSQL knows no second name, and for a function whose signature is not known or cannot
    be repeated. Views, defaults, triggers and columns follow by themselves.
    """
    kind = change.kind.upper()
    known = moment.session.database().find_type(Type(change.name.name, schema=change.name.schema))
    if kind == "DOMAIN" or (kind == "TYPE" and known is not None and known.kind is TypeKind.DOMAIN):
        return _second_domain(change)
    if kind == "TYPE":
        return _named_by_nobody(change)
    function = _function(change, moment) if kind in _ROUTINES else None
    return _second_function(change, function) if function is not None else None


def _named_by_nobody(change: op.RenameObject) -> SafeRewrite:
    old, new = change.name, Name(change.to, change.name.schema)
    return SafeRewrite(
        (
            deploy(
                say(
                    "Release code that does not name {}: a string or a parameter without a cast takes the type of the "
                    "column it meets. A type has no second name, and a domain over an enum is not equal to it.",
                    named.plain(named.type_called(old)),
                )
            ),
            migration(f"rename_{old.name}", change, note=say("From here on code may name {}.", named.type_called(new))),
        )
    )


def _second_domain(change: op.RenameObject) -> SafeRewrite:
    old, new = change.name, Name(change.to, change.name.schema)
    note = say(
        "In one transaction: running code goes on to cast to {}, which is a domain over {} then. A driver that looks "
        "the type up by its old name finds the domain.",
        named.type_called(old),
        named.type_called(new),
    )
    return SafeRewrite(
        (
            migration(f"rename_{old.name}", change, op.CreateDomain(old, Type(new.name, schema=new.schema)), note=note),
            deploy(say("Release code that uses {}.", named.plain(named.type_called(new)))),
            migration(
                f"drop_domain_{old.name}", op.DropType((old,), domain=True), note=_at_last(named.type_called(old))
            ),
        )
    )


def _at_last(what: named.Named) -> Message:
    return say(
        "When no old code runs any more; columns, functions and views made of {} since keep it: change them.", what
    )


def _function(change: op.RenameObject, moment: Moment) -> CatalogFunction | None:
    """The one function of the name, where a call by its old name can be handed on as it is."""
    database = moment.session.database()
    schemas: Sequence[str] = (change.name.schema,) if change.name.schema else database.search_path
    found = next((many for schema in schemas if (many := database.functions_named(change.name.within(schema)))), ())
    if len(found) != 1:
        return None
    (function,) = found
    spoken = function.kind in ("FUNCTION", "PROCEDURE") and not function.trigger
    repeatable = function.types is not None and not (function.variadic or function.defaults)
    told = function.kind == "PROCEDURE" or function.returns not in ("", "record", "trigger", "event_trigger")
    return function if spoken and repeatable and told else None


def _second_function(change: op.RenameObject, function: CatalogFunction) -> SafeRewrite:
    old, new = change.name, Name(change.to, change.name.schema)
    types = function.types or ()
    note = say(
        "In one transaction: running code goes on to call {}, which calls {}. Whoever may call it by default may call "
        "both; if EXECUTE was revoked, REVOKE it of {} in the same transaction, too.",
        named.function(old),
        named.function(new),
        named.function(old),
    )
    return SafeRewrite(
        (
            migration(f"rename_{old.name}", change, _handing_on(old, new, function), note=note),
            deploy(say("Release code that calls {}.", named.plain(named.function(new)))),
            migration(
                f"drop_{old.name}",
                op.DropFunction((old,), kind=function.kind, types=(types,)),
                note=say("When no old code runs any more."),
            ),
        )
    )


def _handing_on(old: Name, new: Name, function: CatalogFunction) -> op.CreateFunction:
    types = function.types or ()
    call = f"{new}({', '.join(f'${number}' for number in range(1, len(types) + 1))})"
    is_procedure = function.kind == "PROCEDURE"
    body = f"CALL {call}" if is_procedure else f"SELECT * FROM {call}" if function.returns_set else f"SELECT {call}"
    returns = f"{'SETOF ' if function.returns_set else ''}{function.returns}"
    result = "" if is_procedure else f" RETURNS {returns}"
    lasting = "" if is_procedure else f" {function.volatility}"
    names = function.argument_names or ()
    arguments = ", ".join(
        f"{quote(names[at])} {kind}" if at < len(names) and names[at] else kind for at, kind in enumerate(types)
    )
    head = f"CREATE {function.kind} {old}({arguments}){result}\nLANGUAGE sql{lasting} AS {dollar_quoted(body)}"
    return op.CreateFunction(
        old,
        len(types),
        volatility=function.volatility,
        body=body,
        procedure=is_procedure,
        returns="" if is_procedure else returns,
        definition=head,
        types=types,
    )
