"""Publications: their names, their members, and what can be a member.

Source: publicationcmds.c, pg_publication.c (check_publication_add_relation).
"""

from bot.core.effects.resolving import needs
from bot.core.effects.resolving.asking import Asking
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.core.schema.catalog import RelationKind


def check(asking: Asking, operation: op.AlterPublication) -> None:
    name = operation.publication
    every = asking.database.object("PUBLICATION", Name(name), "ALL TABLES")
    found = every or asking.database.object("PUBLICATION", Name(name))
    if operation.action == "CREATE":
        if found is not None:
            asking.fail("42710", "publication {} already exists", named.thing(name))
            return
    elif found is None:
        needs.need(asking, "PUBLICATION", Name(name))
    elif every is not None and operation.action in ("ADD", "SET", "DROP"):
        asking.fail("55000", "publication {} is defined as FOR ALL TABLES", named.thing(name))
    for table in operation.tables:
        if not asking.failed:
            _check_member(asking, operation, table)


def _check_member(asking: Asking, operation: op.AlterPublication, table: Name) -> None:
    relation = asking.relation(table)
    if relation is None:
        if asking.known and asking.database.find(table) is None and not needs.is_system(table):
            asking.fail("42P01", "relation {} does not exist", table)
        return
    member = operation.publication in relation.publications
    if operation.action == "ADD" and member:
        asking.fail(
            "42710",
            "relation {} is already member of publication {}",
            relation.name,
            named.thing(operation.publication),
        )
    elif operation.action == "DROP" and not member and not relation.partial:
        asking.fail("42704", "relation {} is not part of the publication", relation.name)
    elif (operation.action != "DROP" and relation.kind not in (RelationKind.TABLE, RelationKind.PARTITIONED_TABLE)) or (
        operation.action != "DROP" and relation.persistence != "permanent"
    ):
        asking.fail("22023", "cannot add relation {} to publication", relation.name)
