"""Schemas, extensions, tablespaces, access methods and languages that statements name in fields of their own.

Sources: schemacmds.c, extension.c, tablespace.c, indexcmds.c.
"""

from bot.core.effects.resolving import needs
from bot.core.effects.resolving.asking import Asking
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import say
from bot.core.language.names import Name
from bot.core.schema.changes.objects import objects_of_schema


def make(asking: Asking, operation: op.CreateSchema) -> None:
    if operation.schema in asking.database.schemas and not operation.if_not_exists:
        asking.fail("42P06", "schema {} already exists", named.schema(operation.schema))
    elif operation.schema.startswith("pg_"):
        asking.fail("42939", "unacceptable schema name {}", named.schema(operation.schema))


def drop(asking: Asking, operation: op.DropSchema) -> None:
    for schema in operation.schemas:
        if schema not in asking.database.schemas:
            if not operation.if_exists:
                needs.need_schema(asking, schema)
        elif not operation.cascade:
            _refuse_full(asking, schema)
        if asking.failed:
            return


def _refuse_full(asking: Asking, schema: str) -> None:
    what = say("schema {}", named.bare(named.schema(schema)))
    inside = objects_of_schema(asking.database, schema)
    if inside:
        asking.fail(
            "2BP01",
            "cannot drop {} because other objects depend on it: {}",
            what,
            named.thing(str(inside[0])),
        )
    elif (found := asking.database.object("SCHEMA", Name(schema))) is not None:
        needs.refuse_dependents(asking, found, what, cascade=False)


def make_extension(asking: Asking, operation: op.CreateExtension) -> None:
    extension = operation.extension
    if extension in asking.database.extensions:
        if not operation.if_not_exists:
            asking.fail("42710", "extension {} already exists", named.thing(extension))
        return
    if operation.schema is not None:
        needs.need_schema(asking, operation.schema)
    listed = asking.known and "AVAILABLE EXTENSION" in asking.database.base.listed
    if not asking.failed and listed and asking.database.object("AVAILABLE EXTENSION", Name(extension)) is None:
        asking.fail("0A000", "extension {} is not available", named.thing(extension))


def drop_extension(asking: Asking, operation: op.DropExtension) -> None:
    for extension in operation.extensions:
        if extension not in asking.database.extensions:
            if asking.known and not operation.if_exists:
                asking.fail("42704", "extension {} does not exist", named.thing(extension))
        elif (found := asking.database.object("EXTENSION", Name(extension))) is not None:
            what = say("extension {}", named.bare(named.thing(extension)))
            needs.refuse_dependents(asking, found, what, cascade=operation.cascade)
        if asking.failed:
            return


def check_storage(
    asking: Asking,
    operation: op.CreateTable | op.CreateIndex | op.SetTablespace | op.SetAccessMethod | op.MoveTablespace,
) -> None:
    """The tablespace, and the access method of a table."""
    space = None if isinstance(operation, op.SetAccessMethod) else operation.tablespace
    if space is not None:
        needs.need(asking, "TABLESPACE", Name(space))
    method = None
    if isinstance(operation, op.CreateTable):
        method = operation.access_method
    elif isinstance(operation, op.SetAccessMethod):
        method = operation.method
    if method is not None:
        needs.need(asking, "ACCESS METHOD", Name(method), "t")


def check_owner(asking: Asking, operation: op.SetOwner) -> None:
    needs.need_role(asking, operation.owner)


def check_role_setting(asking: Asking, operation: op.SetSetting) -> None:
    if operation.setting == "role" and operation.value is not None and operation.value.lower() != "none":
        role = operation.value
        if asking.lists("ROLE") and asking.database.object("ROLE", Name(role)) is None:
            asking.fail("22023", "role {} does not exist", named.role(role))


def check_server(asking: Asking, operation: op.CreateForeignTable) -> None:
    needs.need(asking, "SERVER", Name(operation.server))
