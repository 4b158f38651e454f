"""Views, types, domains, sequences, functions, schemas, extensions, publications, grants.

Sources: https://www.postgresql.org/docs/current/sql-createview.html,
https://www.postgresql.org/docs/current/sql-altertype.html,
https://www.postgresql.org/docs/current/sql-alterdomain.html,
https://www.postgresql.org/docs/current/sql-dropschema.html and their neighbours; view.c, matview.c, typecmds.c,
sequence.c, publicationcmds.c, aclchk.c, dependency.c (what else is dropped).
"""

from bot.core.effects.alter import drop_objects
from bot.core.effects.tables import drop_relations, is_kind
from bot.core.effects.work import Work
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.locks import LockMode
from bot.core.language.messages import clause, error, joined, say
from bot.core.language.names import Name
from bot.core.schema.catalog import CatalogType, RelationKind
from bot.core.schema.changes import replay_one
from bot.core.schema.changes.objects import is_named, objects_of_extensions, objects_of_schema
from bot.core.schema.dependents import DependentKind, Object, closure

_AX = LockMode.ACCESS_EXCLUSIVE
_AS = LockMode.ACCESS_SHARE
_SUE = LockMode.SHARE_UPDATE_EXCLUSIVE
_COMMENTED = frozenset({"TABLE", "COLUMN", "INDEX", "VIEW", "MATERIALIZED VIEW", "SEQUENCE", "FOREIGN TABLE"})


def create_view(work: Work, operation: op.CreateView) -> None:
    exists = work.database.exists(operation.view)
    work.reads(operation.query, planned=False)
    if work.failed:
        return
    if not exists:
        work.lock_created(operation.view)
        return
    if not operation.or_replace:
        work.fail("42P07", "relation {} already exists", operation.view)
        return
    if not is_kind(work, operation.view, frozenset({RelationKind.VIEW})):
        return
    work.lock(operation.view, _AX)
    work.may_fail(
        "42P16",
        error("cannot drop columns from view"),
        clause("the new query lacks, renames or retypes a column of the view"),
    )


def create_materialized(work: Work, operation: op.CreateMaterializedView) -> None:
    if work.database.exists(operation.view):
        if not operation.if_not_exists:
            work.fail("42P07", "relation {} already exists", operation.view)
        return
    work.reads(operation.query, planned=operation.with_data)
    if operation.with_data:
        work.scan_query(operation.query)
    work.lock_created(operation.view)


def refresh(work: Work, operation: op.RefreshMaterializedView) -> None:
    """AccessExclusiveLock and a new heap; concurrently ExclusiveLock, so that reads continue."""
    view = operation.view
    if not work.find(view):
        return
    relation = work.database.relation(view)
    work.lock(view, LockMode.EXCLUSIVE if operation.concurrently else _AX)
    if operation.concurrently and not any(
        index.unique and index.where is None and index.valid for index in work.database.indexes_of(view)
    ):
        if work.is_known(view) or relation is not None:
            work.fail("55000", 'cannot refresh materialized view "{}" concurrently', named.bare(view))
            return
        work.assume("{} has a unique index without a condition", view)
    if not operation.with_data:
        work.empty(view)
        for index in work.database.indexes_of(view):
            work.lock(index.name, _AX)
        return
    for used in dict.fromkeys(used for used, _ in relation.depends_on) if relation is not None else ():
        work.read(used)
        work.scan_read(used)
    if operation.concurrently:
        work.scan(view)
    else:
        work.rewrite(view)


def drop_view(work: Work, operation: op.DropView) -> None:
    kind = RelationKind.MATERIALIZED_VIEW if operation.materialized else RelationKind.VIEW
    kinds = frozenset({kind})
    drop_relations(work, operation.views, kinds, if_exists=operation.if_exists, cascade=operation.cascade)


def alter_view(work: Work, operation: op.AlterViewColumnDefault) -> None:
    if work.find(operation.view):
        work.lock(operation.view, _AX)


def add_value(work: Work, operation: op.AddEnumValue) -> None:
    found = work.database.types.get(operation.type)
    if found is not None and operation.value in found.labels and not operation.if_not_exists:
        work.fail("42710", "enum label {} already exists", named.thing(operation.value))


def alter_composite(work: Work, operation: op.AlterComposite) -> None:
    """Adding and dropping attributes does not touch rows; where a column has the type, no attribute can be retyped."""
    if operation.action != "ALTER":
        return
    for relation, column in work.database.columns_of_type(operation.type):
        work.lock(relation.name, _AS)
        work.fail(
            "0A000",
            "cannot alter type {} because column {} uses it",
            named.type_called(operation.type),
            named.column_of(relation.name, column.name),
        )
        return


def alter_domain(work: Work, operation: op.AlterDomain) -> None:
    """A new or validated constraint reads every table with a column of the domain, under ShareLock."""
    domain = work.database.types.get(operation.domain)
    if domain is None and not work.database.known:
        work.assume(
            "the tables that use {} are not known; they are locked and read, too", named.type_called(operation.domain)
        )
    if _reads_its_users(work, operation, domain):
        _read_users(work, operation)


def _reads_its_users(work: Work, operation: op.AlterDomain, domain: CatalogType | None) -> bool:
    """Whether the rows that hold values of the domain are checked; fails where the constraint is missing."""
    match operation.action:
        case "ADD CONSTRAINT":
            return operation.check is None or not operation.check.not_valid
        case "SET NOT NULL" | "ADD NOT NULL":
            return domain is None or not domain.not_null
        case "VALIDATE CONSTRAINT" if domain is not None:
            if any(check.name == operation.constraint for check in domain.checks):
                return True
            work.fail(
                "42704",
                "constraint {} of domain {} does not exist",
                named.constraint(operation.constraint or "", domain.name),
                named.type_called(domain.name),
            )
            return False
        case action:
            return action == "VALIDATE CONSTRAINT"


def _read_users(work: Work, operation: op.AlterDomain) -> None:
    users = work.database.columns_of_type(operation.domain)
    for relation, column in users:
        if column.type.dimensions or work.database.domain(column.type) is None:
            work.fail(
                "0A000",
                "cannot alter type {} because column {} uses it",
                named.type_called(operation.domain),
                named.column_of(relation.name, column.name),
            )
            return
    for relation, column in users:
        if work.database.has_heap(relation.name):
            work.lock(relation.name, LockMode.SHARE)
            work.scan(relation.name)
            if not work.is_empty(relation.name):
                null = operation.action in ("SET NOT NULL", "ADD NOT NULL")
                what = clause("a value of {} does not satisfy the domain", named.column_of(relation.name, column.name))
                work.may_fail(
                    "23502" if null else "23514",
                    error("column {} contains invalid values", named.column(column.name)),
                    what,
                )


def drop_type(work: Work, operation: op.DropType) -> None:
    found = [Object(DependentKind.TYPE, name) for name in operation.types if name in work.database.types]
    if not found:
        _assume_dependents(work, operation.types, "42704", if_exists=operation.if_exists)
        return
    gone = closure(work.database, *found)
    drop_objects(work, gone, cascade=operation.cascade, what=clause("type {}", named.type_called(found[0].name.name)))


def _assume_dependents(work: Work, names: tuple[Name, ...], sqlstate: str, *, if_exists: bool) -> None:
    for name in names:
        if work.database.known and not if_exists:
            work.may_fail(sqlstate, error("{} does not exist", name), clause("it is not there"))
        if not work.database.known:
            work.assume("nothing depends on {}", name)


def create_sequence(work: Work, operation: op.CreateSequence) -> None:
    if work.database.exists(operation.sequence):
        if not operation.if_not_exists:
            work.fail("42P07", "relation {} already exists", operation.sequence)
        return
    if operation.owned_by is not None:
        work.lock(operation.owned_by[0], _AS)
    work.lock_created(operation.sequence)


def alter_sequence(work: Work, operation: op.AlterSequence) -> None:
    """Anything but OWNED BY rewrites the sequence."""
    if not work.find(operation.sequence, missing_ok=operation.if_exists):
        return
    work.lock(operation.sequence, LockMode.SHARE_ROW_EXCLUSIVE)
    words = operation.options.upper().split()
    if operation.owned_by is not None:
        work.lock(operation.owned_by[0], _AS)
    if words and words[:2] != ["OWNED", "BY"]:
        work.rewrite_sequence(operation.sequence)


def drop_sequence(work: Work, operation: op.DropSequence) -> None:
    kinds = frozenset({RelationKind.SEQUENCE})
    drop_relations(work, operation.sequences, kinds, if_exists=operation.if_exists, cascade=operation.cascade)


def drop_function(work: Work, operation: op.DropFunction) -> None:
    found = [
        Object(DependentKind.FUNCTION, name) for name in operation.functions if work.database.functions_named(name)
    ]
    if not found:
        _assume_dependents(work, operation.functions, "42883", if_exists=operation.if_exists)
        return
    gone = closure(work.database, *found)
    drop_objects(work, gone, cascade=operation.cascade, what=clause("function {}", named.function(found[0].name.name)))


def create_schema(work: Work, operation: op.CreateSchema) -> None:
    """The schema's elements follow as operations of the same statement; it exists by then."""
    replay_one(work.database, operation)


def drop_schema(work: Work, operation: op.DropSchema) -> None:
    for schema in operation.schemas:
        if work.database.known and schema not in work.database.schemas and not operation.if_exists:
            work.fail("3F000", "schema {} does not exist", named.schema(schema))
            return
    things = [thing for schema in operation.schemas for thing in objects_of_schema(work.database, schema)]
    work.assume("only objects of the schema that are in the snapshot are listed")
    if not things:
        return
    gone = closure(work.database, *things)
    if not operation.cascade:
        for name in gone.names(DependentKind.RELATION, DependentKind.INDEX):
            work.lock(name, _AX)
        work.fail(
            "2BP01",
            "cannot drop schema {} because other objects depend on it",
            named.bare(named.schema(operation.schemas[0])),
        )
        return
    drop_objects(work, gone, cascade=True, what=clause("schema {}", named.schema(operation.schemas[0])))


def drop_extension(work: Work, operation: op.DropExtension) -> None:
    things = objects_of_extensions(work.database, operation.extensions)
    if not things:
        work.assume(
            "no column has a type of the extension {}",
            joined(", ", (clause("{}", named.thing(extension)) for extension in operation.extensions)),
        )
        return
    gone = closure(work.database, *things)
    drop_objects(
        work, gone, cascade=operation.cascade, what=clause("extension {}", named.thing(operation.extensions[0]))
    )


def create_statistics(work: Work, operation: op.CreateStatistics) -> None:
    if work.find(operation.table):
        work.lock(operation.table, _SUE)


def drop_object(work: Work, operation: op.DropObject) -> None:
    """Extended statistics belong to a table, which is locked."""
    if operation.kind != "STATISTICS":
        return
    for relation in work.database.relations.values():
        if any(is_named(statistics, operation.names) for statistics in relation.statistics):
            work.lock(relation.name, _SUE)


def alter_publication(work: Work, operation: op.AlterPublication) -> None:
    """ShareUpdateExclusiveLock on each table named, and on those that a SET removes."""
    for name in operation.tables:
        if not work.find(name):
            return
        if work.database.is_partitioned(name):
            if work.major < 13:
                work.fail("22023", "{} is a partitioned table", name)
                return
            work.lock(name, _SUE)
            continue
        for table in work.database.tree(name):
            work.lock(table, _SUE)
    if operation.action == "SET":
        for relation in work.database.relations.values():
            if operation.publication in relation.publications:
                work.lock(relation.name, _SUE)


def comment(work: Work, operation: op.CommentOn) -> None:
    """ShareUpdateExclusiveLock on a relation; AccessShareLock on the table of a constraint, trigger, rule, policy."""
    heavy = operation.kind in _COMMENTED
    target = operation.relation
    if target is None and heavy and operation.kind != "COLUMN":
        schema, _, name = operation.name.rpartition(".")
        target = work.database.resolve(Name(name, schema or None))
    if target is not None and work.find(target):
        work.lock(target, _SUE if heavy else _AS)


def grant(work: Work, operation: op.Grant) -> None:
    """No lock on tables before 18; AccessShareLock since."""
    for name in operation.relations:
        if not work.find(name):
            return
        # 18 locks each object that it looks up by name; before, GRANT locked no table.
        if work.major >= 18:
            work.lock(name, _AS)


def owned_by(work: Work, operation: op.OwnedBy) -> None:
    """REASSIGN OWNED changes the owner of everything known to belong to the roles, DROP OWNED drops it."""
    verb = "dropped" if operation.action == "DROP" else "locked with AccessExclusiveLock"
    work.assume(
        "what else {} may own is not known; it is {}, too",
        joined(", ", (clause("{}", named.role(role)) for role in operation.roles)),
        say(verb),
    )
    mine = [one.name for one in work.database.relations.values() if one.owner in operation.roles]
    if operation.action == "DROP":
        drop_relations(work, tuple(mine), frozenset(RelationKind), if_exists=True, cascade=operation.cascade)
        return
    for name in mine:
        work.lock(name, _AX)
        for index in work.database.indexes_of(name):
            work.lock(index.name, _AX)
