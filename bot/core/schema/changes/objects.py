"""Views, types, domains, sequences and schemas, added, changed and dropped in the catalog."""

import re
from collections.abc import Callable, Iterable

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.core.language.naming import free_name
from bot.core.language.types import Type
from bot.core.record import replace
from bot.core.schema.catalog import (
    CatalogColumn,
    CatalogConstraint,
    CatalogObject,
    CatalogType,
    Relation,
    RelationKind,
    TypeKind,
)
from bot.core.schema.changes.drop import drop
from bot.core.schema.changes.functions import follow_routine
from bot.core.schema.changes.rename import rename_relation
from bot.core.schema.database import Database
from bot.core.schema.dependents import DependentKind, Object

# Types that an extension creates and migrations use as column types; with the types they are binary coercible to.
_EXTENSION_TYPES = {
    "citext": {"citext": ("text", "varchar")},
    "hstore": {"hstore": ()},
    "ltree": {"ltree": (), "lquery": (), "ltxtquery": ()},
    "vector": {"vector": (), "halfvec": (), "sparsevec": ()},
    "postgis": {"geometry": (), "geography": ()},
    "cube": {"cube": ()},
    "isn": {"isbn": (), "isbn13": (), "ean13": (), "issn": ()},
}


IN_SCHEMAS = frozenset(
    {
        "COLLATION",
        "CONVERSION",
        "OPERATOR",
        "OPERATOR CLASS",
        "OPERATOR FAMILY",
        "STATISTICS",
        "TEXT SEARCH CONFIGURATION",
        "TEXT SEARCH DICTIONARY",
        "TEXT SEARCH PARSER",
        "TEXT SEARCH TEMPLATE",
    }
)
"""The kinds of objects that lie in a schema."""


def create_view(database: Database, operation: op.CreateView | op.CreateMaterializedView) -> None:
    materialized = isinstance(operation, op.CreateMaterializedView)
    if database.exists(operation.view) and (materialized or not operation.or_replace):
        return
    kind = RelationKind.MATERIALIZED_VIEW if materialized else RelationKind.VIEW
    populated = operation.with_data if isinstance(operation, op.CreateMaterializedView) else True
    uses = tuple(use for name in operation.query.relations for use in _uses(database, name, operation.query))
    plain = isinstance(operation, op.CreateView) and not (operation.recursive or operation.columns)
    options = operation.options if isinstance(operation, op.CreateView) else ()
    if isinstance(operation, op.CreateView) and operation.check_option is not None:
        options = (*options, ("check_option", operation.check_option.lower()))
    database.put(
        Relation(
            operation.view,
            kind,
            depends_on=uses,
            populated=populated,
            partial=True,
            options=options,
            definition=operation.query.text if plain else "",
        )
    )


def refresh(database: Database, operation: op.RefreshMaterializedView) -> None:
    if (view := database.relation(operation.view)) is not None:
        database.put(replace(view, populated=operation.with_data))


def _uses(database: Database, name: Name, query: op.Query) -> list[tuple[Name, str | None]]:
    """The relation's columns whose names are in the query: all of them after a star, none for an unknown relation."""
    relation = database.relation(name)
    if relation is None or not relation.columns:
        return [(name, None)]
    words = set(re.findall(r"[\w$]+", query.text.lower())) | set(re.findall(r'"([^"]+)"', query.text))
    star = re.search(r"(select|,|\.)\s*\*", query.text, re.IGNORECASE) is not None
    used = [column.name for column in relation.columns if star or column.name in words]
    return [(name, column) for column in used] or [(name, "")]


def drop_views(database: Database, operation: op.DropView) -> None:
    drop(database, *(Object(DependentKind.RELATION, name) for name in operation.views))


def create_enum(database: Database, operation: op.CreateEnum) -> None:
    database.types[operation.type] = CatalogType(operation.type, TypeKind.ENUM, operation.labels)


def create_composite(database: Database, operation: op.CreateComposite) -> None:
    attributes = tuple(
        CatalogColumn(column.name, database.resolve_type(column.type or Type("unknown")))
        for column in operation.attributes
    )
    database.types[operation.type] = CatalogType(operation.type, TypeKind.COMPOSITE, attributes=attributes)


def create_range(database: Database, operation: op.CreateRange) -> None:
    database.types[operation.type] = CatalogType(operation.type, TypeKind.RANGE)


def add_value(database: Database, operation: op.AddEnumValue) -> None:
    found = database.types.get(operation.type)
    if found is None or operation.value in found.labels:
        return
    labels = list(found.labels)
    if operation.before in labels:
        labels.insert(labels.index(operation.before), operation.value)
    elif operation.after in labels:
        labels.insert(labels.index(operation.after) + 1, operation.value)
    else:
        labels.append(operation.value)
    database.types[operation.type] = replace(found, labels=tuple(labels))


def rename_value(database: Database, operation: op.RenameEnumValue) -> None:
    if (found := database.types.get(operation.type)) is not None:
        labels = tuple(operation.to if label == operation.value else label for label in found.labels)
        database.types[operation.type] = replace(found, labels=labels)


def alter_composite(database: Database, operation: op.AlterComposite) -> None:
    found = database.types.get(operation.type)
    if found is None:
        return
    kept = tuple(one for one in found.attributes if one.name != operation.attribute)
    if operation.action != "DROP":
        type = database.resolve_type(operation.data_type or Type("unknown"))
        kept = (*kept, CatalogColumn(operation.attribute, type))
    database.types[operation.type] = replace(found, attributes=kept)


def create_domain(database: Database, operation: op.CreateDomain) -> None:
    domain = CatalogType(
        operation.domain,
        TypeKind.DOMAIN,
        base=database.resolve_type(operation.type),
        not_null=operation.not_null,
        default=operation.default,
    )
    for check in operation.checks:
        domain = _with_check(domain, check)
    database.types[operation.domain] = domain


def _with_check(domain: CatalogType, check: op.Check) -> CatalogType:
    taken = {one.name for one in domain.checks}
    name = check.name or free_name(domain.name.name, None, "check", taken.__contains__)
    valid = not check.not_valid
    return replace(domain, checks=(*domain.checks, CatalogConstraint(name, replace(check, name=name), valid)))


def alter_domain(database: Database, operation: op.AlterDomain) -> None:
    domain = database.types.get(operation.domain)
    if domain is None:
        return
    match operation.action:
        case "SET DEFAULT" | "DROP DEFAULT":
            domain = replace(domain, default=operation.default)
        case "SET NOT NULL" | "ADD NOT NULL":
            domain = replace(domain, not_null=True)
        case "DROP NOT NULL":
            domain = replace(domain, not_null=False)
        case "ADD CONSTRAINT" if operation.check is not None:
            domain = _with_check(domain, operation.check)
        case "DROP CONSTRAINT":
            domain = replace(domain, checks=tuple(one for one in domain.checks if one.name != operation.constraint))
        case "VALIDATE CONSTRAINT":
            checks = tuple(
                replace(one, valid=True) if one.name == operation.constraint else one for one in domain.checks
            )
            domain = replace(domain, checks=checks)
        case _:
            return
    database.types[operation.domain] = domain


def rename_domain_constraint(database: Database, operation: op.RenameDomainConstraint) -> None:
    if (domain := database.types.get(operation.domain)) is not None:
        checks = tuple(
            replace(check, name=operation.to) if check.name == operation.constraint else check
            for check in domain.checks
        )
        database.types[operation.domain] = replace(domain, checks=checks)


def drop_types(database: Database, operation: op.DropType) -> None:
    drop(database, *(Object(DependentKind.TYPE, name) for name in operation.types))


def create_sequence(database: Database, operation: op.CreateSequence) -> None:
    if not database.exists(operation.sequence):
        database.put(Relation(operation.sequence, RelationKind.SEQUENCE, owned_by=operation.owned_by))


def alter_sequence(database: Database, operation: op.AlterSequence) -> None:
    found = database.relation(operation.sequence)
    if found is not None and operation.owned_by is not None:
        database.put(replace(found, owned_by=operation.owned_by))


def drop_sequences(database: Database, operation: op.DropSequence) -> None:
    drop(database, *(Object(DependentKind.RELATION, name) for name in operation.sequences))


def create_schema(database: Database, operation: op.CreateSchema) -> None:
    if operation.schema not in database.schemas:
        database.add_schema(operation.schema)


def drop_schemas(database: Database, operation: op.DropSchema) -> None:
    for schema in operation.schemas:
        drop(database, *objects_of_schema(database, schema))
        database.remove_schema(schema)


def objects_of_schema(database: Database, schema: str) -> list[Object]:
    """Everything that is directly in the schema."""
    return [
        *(Object(DependentKind.RELATION, name) for name in database.relations if name.schema == schema),
        *(Object(DependentKind.TYPE, name) for name in database.types if name.schema == schema),
        *(Object(DependentKind.FUNCTION, one.name) for one in database.functions if one.name.schema == schema),
    ]


def create_extension(database: Database, operation: op.CreateExtension) -> None:
    if operation.extension in database.extensions:
        return
    database.add_extension(operation.extension)
    database.add_object(CatalogObject("EXTENSION", Name(operation.extension), "made"))
    for name, coercible in _EXTENSION_TYPES.get(operation.extension, {}).items():
        qualified = Name(name, operation.schema or database.home)
        found = CatalogType(qualified, TypeKind.BASE, extension=operation.extension, binary_coercible=coercible)
        database.types.setdefault(qualified, found)


def drop_extensions(database: Database, operation: op.DropExtension) -> None:
    drop(database, *objects_of_extensions(database, operation.extensions))
    database.remove_extensions(operation.extensions)


def objects_of_extensions(database: Database, extensions: tuple[str, ...]) -> list[Object]:
    return [Object(DependentKind.TYPE, one.name) for one in database.types.values() if one.extension in extensions]


def publish(database: Database, operation: op.AlterPublication) -> None:
    if operation.action == "CREATE":
        every = "ALL TABLES" if operation.all_tables else ""
        database.add_object(CatalogObject("PUBLICATION", Name(operation.publication), every))
    named = set(operation.tables)
    for relation in list(database.relations.values()):
        member = operation.publication in relation.publications
        wanted = member
        if operation.action in ("CREATE", "ADD", "SET"):
            wanted = relation.name in named or (member and operation.action == "ADD")
        elif operation.action == "DROP":
            wanted = member and relation.name not in named
        if wanted != member:
            others = tuple(one for one in relation.publications if one != operation.publication)
            database.put(replace(relation, publications=(*others, operation.publication) if wanted else others))


def drop_object(database: Database, operation: op.DropObject) -> None:
    """Removes extended statistics and publications from their tables; the others are objects."""
    follow_mentions(database, operation)
    if operation.kind not in ("STATISTICS", "PUBLICATION"):
        return
    for relation in list(database.relations.values()):
        statistics, publications = relation.statistics, relation.publications
        if operation.kind == "STATISTICS":
            statistics = tuple(one for one in statistics if not is_named(one, operation.names))
        else:
            publications = tuple(one for one in publications if one not in operation.names)
        if (statistics, publications) != (relation.statistics, relation.publications):
            database.put(replace(relation, statistics=statistics, publications=publications))


def is_named(statistics: Name, texts: Iterable[str]) -> bool:
    """Whether one of the texts, `name` or `schema.name`, is the name of the statistics object."""
    parts = [text.rpartition(".") for text in texts]
    return any(statistics.name == name and schema in ("", statistics.schema) for schema, _, name in parts)


def revoke(database: Database, operation: op.Grant) -> None:
    """What privileges are left is not followed: the roles are known to keep none."""
    if operation.revoke:
        _free(database, [mention.name.name for mention in operation.mentions if mention.kind == "ROLE"])


def _free(database: Database, roles: Iterable[str]) -> None:
    """Nothing is known to depend on the roles any more."""
    for role in roles:
        found = database.object("ROLE", Name(role))
        if found is not None and found.dependents:
            database.remove_object(found)
            database.add_object(replace(found, dependents=()))


def drop_owned(database: Database, operation: op.OwnedBy) -> None:
    """REASSIGN OWNED only changes owners: the new one is not kept."""
    _free(database, operation.roles)
    if operation.action == "DROP":
        mine = [relation.name for relation in database.relations.values() if relation.owner in operation.roles]
        drop(database, *(Object(DependentKind.RELATION, name) for name in mine))


_NOT_LISTED = frozenset({"TABLE", "VIEW", "SEQUENCE", "INDEX", "TYPE", "DOMAIN"})
_ROUTINES = frozenset({"FUNCTION", "PROCEDURE", "ROUTINE", "AGGREGATE"})


def follow_mentions(
    database: Database, operation: op.Harmless | op.NoTransaction | op.DropObject | op.RenameObject
) -> None:
    """The objects that no operation of their own stands for, made, dropped and renamed."""
    for mention in operation.mentions:
        if mention.kind in _NOT_LISTED:
            continue
        if mention.kind in _ROUTINES:
            follow_routine(database, mention)
            continue
        found = database.object(mention.kind, mention.name, mention.of or "")
        match mention.role:
            case op.FieldRole.CREATED if found is None:
                name = mention.name.within(database.home) if mention.kind in IN_SCHEMAS else mention.name
                database.add_object(CatalogObject(mention.kind, name, mention.of or ""))
            case op.FieldRole.DROPPED if found is not None:
                database.remove_object(found)
            case op.FieldRole.RENAMED if found is not None:
                name = Name(mention.to or found.name.name, mention.schema or found.name.schema)
                database.remove_object(found)
                database.add_object(replace(found, name=name))
            case _:
                pass


def rename(database: Database, operation: op.RenameObject) -> None:
    follow_mentions(database, operation)
    match operation.kind:
        case "SCHEMA":
            _rename_schema(database, operation.name.name, operation.to)
        case "TYPE" | "DOMAIN":
            _rename_type(database, operation.name, operation.to)
        case _:
            return


def _rename_schema(database: Database, old: str, new: str) -> None:
    if old in database.schemas:
        database.remove_schema(old)
        database.add_schema(new)
    for name in [name for name in database.relations if name.schema == old]:
        rename_relation(database, name, Name(name.name, new))
    for name in [name for name in database.types if name.schema == old]:
        _move_type(database, name, Name(name.name, new))
    moved = [one for one in database.functions if one.name.schema == old]
    database.remove_functions(moved)
    for one in moved:
        database.add_function(replace(one, name=Name(one.name.name, new)))


def _rename_type(database: Database, name: Name, to: str) -> None:
    found = database.find_type(Type(name.name, name.schema))
    if found is not None:
        _move_type(database, found.name, Name(to, found.name.schema))


def _move_type(database: Database, old: Name, new: Name) -> None:
    def renamed(type: Type) -> Type:
        found = database.find_type(type)
        return replace(type, name=new.name, schema=new.schema) if found is not None and found.name == old else type

    for name, type in list(database.types.items()):
        database.types[name] = _with_types(type, renamed)
    for relation in list(database.relations.values()):
        columns = tuple(replace(column, type=renamed(column.type)) for column in relation.columns)
        if columns != relation.columns:
            database.put(replace(relation, columns=columns))
    database.types[new] = replace(database.types.pop(old), name=new)


def _with_types(type: CatalogType, renamed: Callable[[Type], Type]) -> CatalogType:
    attributes = tuple(replace(one, type=renamed(one.type)) for one in type.attributes)
    return replace(type, base=renamed(type.base) if type.base is not None else None, attributes=attributes)
