"""Operations, expressions and names as hypothesis draws them: everything that a rewrite or a DSL may need to write.

Values are in the normal form in which the reader gives them back: types by their names in pg_type, names folded,
expressions read by `read_expression`.
"""

from hypothesis import strategies as st

from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.locks import LockMode
from bot.core.language.names import Name
from bot.core.language.types import Type
from bot.sql import read_bound, read_expression, read_index_element

flags = st.booleans()
identifiers = st.one_of(
    st.sampled_from(
        ["events", "id", "title", "created_at", "user", "Order", "weird name", "select", "ünïcode", 'a"b', "x$1"]
    ),
    st.from_regex(r"[a-z_][a-z0-9_]{0,20}", fullmatch=True),
)
names = st.builds(Name, identifiers, st.none() | st.sampled_from(["public", "app", "Odd Schema"]))
columns = st.lists(identifiers, min_size=1, max_size=3, unique=True).map(tuple)
types = st.sampled_from(
    [
        Type("int4"),
        Type("int8"),
        Type("text"),
        Type("bool"),
        Type("uuid"),
        Type("jsonb"),
        Type("tsvector"),
        Type("varchar", modifiers=("50",)),
        Type("numeric", modifiers=("12", "2")),
        Type("timestamptz"),
        Type("timestamptz", modifiers=("3",)),
        Type("time"),
        Type("float8"),
        Type("text", dimensions=1),
        Type("int4", dimensions=2),
        Type("interval", fields="day to second"),
        Type("mood", schema="app"),
        Type("Odd Type", schema="public"),
    ]
)
EXPRESSIONS = (
    "0",
    "'x'",
    "'it''s; -- not a comment'",
    "now()",
    "id > 5",
    "title IS NOT NULL AND length(title) < 200",
    "to_tsvector('english'::regconfig, coalesce(title, '') || ' ' || coalesce(body, ''))",
    "(payload ->> 'kind') = ANY (ARRAY['a', 'b'])",
    "CASE WHEN id > 0 THEN 1 ELSE 0 END",
    "nextval('public.events_id_seq'::regclass)",
    "$q$a; b$q$",
    "E'tab\\t'",
    '(lower("Odd Name") COLLATE "C")',
)


DEFAULTS = ("0", "'x'", "now()", "gen_random_uuid()", "'{}'::jsonb", "(1 + 2)", "ARRAY[]::text[]", "1 + 2", "-1")
"""What may follow DEFAULT at a column: PostgreSQL requires parentheses around AND, OR, IS and the like there."""


def default_expressions() -> st.SearchStrategy[Expression]:
    return st.sampled_from(DEFAULTS).map(read_expression)


def expressions() -> st.SearchStrategy[Expression]:
    return st.sampled_from(EXPRESSIONS).map(read_expression)


def index_elements() -> st.SearchStrategy[op.IndexElement]:
    texts = ["id", "title DESC NULLS LAST", "lower(title)", "(id + 1)", "title varchar_pattern_ops", '"Odd Name"']
    return st.sampled_from([*texts, 'title COLLATE "C" text_pattern_ops DESC']).map(read_index_element)


def options() -> st.SearchStrategy[tuple[tuple[str, str | None], ...]]:
    return st.sampled_from([(("fillfactor", "70"),), (("autovacuum_enabled", "false"), ("fillfactor", "90"))])


def deferrals() -> st.SearchStrategy[tuple[bool, bool]]:
    """Whether a constraint is deferrable, and whether it is deferred at first."""
    return st.sampled_from([(False, False), (True, False), (True, True)])


optional_names = st.none() | identifiers
checks = st.builds(op.Check, expressions(), optional_names, flags, flags)
not_nulls = st.builds(op.NotNull, identifiers, optional_names, flags, flags)


@st.composite
def _foreign_keys(draw: st.DrawFn) -> op.ForeignKey:
    key = draw(columns)
    deferrable, deferred = draw(deferrals())
    return op.ForeignKey(
        key,
        draw(names),
        key,
        draw(optional_names),
        draw(st.sampled_from(["NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"])),
        draw(st.sampled_from(["NO ACTION", "CASCADE"])),
        match_full=draw(flags),
        not_valid=draw(flags),
        deferrable=deferrable,
        initially_deferred=deferred,
    )


@st.composite
def _uniques(draw: st.DrawFn) -> op.Unique:
    if draw(flags):
        return op.Unique((), draw(optional_names), using_index=draw(identifiers))
    include: tuple[str, ...] = draw(st.sampled_from([(), ("extra",)]))
    deferrable, deferred = draw(deferrals())
    return op.Unique(
        draw(columns),
        draw(optional_names),
        include,
        nulls_not_distinct=draw(flags),
        deferrable=deferrable,
        initially_deferred=deferred,
    )


@st.composite
def _primary_keys_of_columns(draw: st.DrawFn) -> op.PrimaryKey:
    deferrable, deferred = draw(deferrals())
    return op.PrimaryKey(draw(columns), draw(optional_names), deferrable=deferrable, initially_deferred=deferred)


foreign_keys = _foreign_keys()
uniques = _uniques()
primary_keys_of_columns = _primary_keys_of_columns()
primary_keys = st.one_of(
    primary_keys_of_columns,
    st.builds(op.PrimaryKey, st.just(()), optional_names, using_index=identifiers),
)


@st.composite
def table_columns(draw: st.DrawFn) -> op.Column:
    """A column definition with the constraints that it may have."""
    name = draw(identifiers)
    kind = draw(st.sampled_from(["plain", "default", "generated", "identity"]))
    constraints: list[op.NotNull | op.Check | op.Unique | op.ForeignKey] = []
    if draw(flags):
        constraints.append(op.NotNull(name))
    if draw(flags):
        constraints.append(op.Check(draw(expressions()), draw(optional_names)))
    if draw(flags):
        constraints.append(op.Unique((name,), draw(optional_names)))
    if draw(flags):
        constraints.append(op.ForeignKey((name,), draw(names), ("id",), draw(optional_names), "CASCADE"))
    return op.Column(
        name,
        draw(types),
        default=draw(default_expressions()) if kind == "default" else None,
        generated=op.Generated(draw(expressions())) if kind == "generated" else None,
        identity=op.Identity(draw(flags)) if kind == "identity" else None,
        constraints=tuple(constraints),
        collation=draw(st.none() | st.just(Name("C"))),
    )


def column_actions(table: Name) -> st.SearchStrategy[op.Operation]:
    at = st.just(table)
    return st.one_of(
        st.builds(op.AddColumn, at, table_columns(), flags),
        st.builds(op.DropColumn, at, identifiers, flags, flags),
        st.builds(
            op.AlterColumnType, at, identifiers, types, st.none() | expressions(), st.none() | st.just(Name("C"))
        ),
        st.builds(op.SetDefault, at, identifiers, expressions()),
        st.builds(op.DropDefault, at, identifiers),
        st.builds(op.SetNotNull, at, identifiers),
        st.builds(op.DropNotNull, at, identifiers),
        st.builds(op.SetExpression, at, identifiers, expressions()),
        st.builds(op.DropExpression, at, identifiers, flags),
        st.builds(op.AddIdentity, at, identifiers, st.builds(op.Identity, flags)),
        st.builds(op.DropIdentity, at, identifiers, flags),
        st.builds(op.SetStatistics, at, identifiers, st.sampled_from(["100", "-1"])),
        st.builds(op.SetColumnOptions, at, identifiers, st.just((("n_distinct", "5"),))),
        st.builds(op.SetStorage, at, identifiers, st.sampled_from(["external", "main"])),
        st.builds(op.SetCompression, at, identifiers, st.just("lz4")),
    )


def constraint_actions(table: Name) -> st.SearchStrategy[op.Operation]:
    at = st.just(table)
    return st.one_of(
        st.builds(op.AddCheck, at, checks),
        st.builds(op.AddNotNull, at, not_nulls),
        st.builds(op.AddUnique, at, uniques),
        st.builds(op.AddPrimaryKey, at, primary_keys),
        st.builds(op.AddForeignKey, at, foreign_keys),
        st.builds(op.ValidateConstraint, at, identifiers),
        st.builds(op.AlterConstraint, at, identifiers, st.just(value=True), st.sampled_from([None, True])),
        st.builds(op.DropConstraint, at, identifiers, flags, flags),
    )


FIRING = ("ENABLE", "DISABLE", "ENABLE REPLICA", "ENABLE ALWAYS")


def table_actions(table: Name) -> st.SearchStrategy[op.Operation]:
    at = st.just(table)
    return st.one_of(
        st.builds(
            op.SetTrigger, at, identifiers, st.sampled_from(["ENABLE", "DISABLE", "ENABLE REPLICA", "ENABLE ALWAYS"])
        ),
        st.builds(op.SetRule, at, identifiers, st.sampled_from(["ENABLE", "DISABLE"])),
        st.builds(op.SetRowSecurity, at, st.sampled_from(["ENABLE", "DISABLE", "FORCE", "NO FORCE"])),
        st.builds(op.SetReplicaIdentity, at, st.sampled_from(["DEFAULT", "FULL", "NOTHING"])),
        st.builds(op.SetReplicaIdentity, at, st.just("USING INDEX"), identifiers),
        st.builds(op.SetCluster, at, st.none() | identifiers),
        st.builds(op.SetLogged, at, flags),
        st.builds(op.SetTablespace, at, identifiers),
        st.builds(op.SetAccessMethod, at, st.none() | st.just("heap")),
        st.builds(op.SetOptions, at, options()),
        st.builds(op.SetInherit, at, names, flags),
        st.builds(op.SetOfType, at, st.none() | names),
        st.builds(op.SetOwner, at, identifiers),
    )


@st.composite
def alter_tables(draw: st.DrawFn) -> tuple[op.Operation, ...]:
    """The actions of one ALTER TABLE."""
    table = draw(names)
    actions = st.one_of(column_actions(table), constraint_actions(table), table_actions(table))
    return tuple(draw(st.lists(actions, min_size=1, max_size=4)))


create_tables = st.builds(
    op.CreateTable,
    names,
    st.lists(table_columns(), max_size=3).map(tuple),
    st.lists(st.one_of(checks.map(lambda check: op.Check(check.expression, check.name)), primary_keys), max_size=2).map(
        tuple
    ),
)

index_operations = st.one_of(
    st.builds(
        op.CreateIndex,
        identifiers,
        names,
        st.lists(index_elements(), min_size=1, max_size=3).map(tuple),
        unique=flags,
        concurrently=flags,
        if_not_exists=flags,
        only=flags,
        method=st.sampled_from(["btree", "gin", "hash"]),
        include=st.just(()) | columns,
        nulls_not_distinct=flags,
        where=st.none() | expressions(),
        options=st.just(()) | options(),
        tablespace=st.none() | identifiers,
    ),
    st.builds(op.DropIndex, st.lists(names, min_size=1, max_size=2).map(tuple), flags, flags, flags),
    st.builds(op.Reindex, st.sampled_from(["INDEX", "TABLE"]), names, flags),
)

BOUNDS = ("FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')", "FOR VALUES IN (1, 2)", "DEFAULT")
bounds = st.sampled_from(BOUNDS).map(read_bound)
partition_operations = st.one_of(
    st.builds(op.AttachPartition, names, names, bounds, flags),
    st.builds(op.DetachPartition, names, names, flags),
    st.builds(op.DetachPartition, names, names, finalize=st.just(value=True)),
    st.builds(op.AttachIndexPartition, names, names),
)

labels = st.text(st.characters(codec="ascii", exclude_characters="\0"), min_size=1, max_size=20)
object_operations = st.one_of(
    st.builds(
        op.CreateEnum,
        names,
        st.lists(st.text(st.characters(codec="ascii", exclude_characters="\0"), min_size=1), max_size=3).map(tuple),
    ),
    st.builds(op.AddEnumValue, names, identifiers, before=st.none() | identifiers, if_not_exists=flags),
    st.builds(op.RenameEnumValue, names, identifiers, identifiers),
    st.builds(op.DropType, st.tuples(names), if_exists=flags, cascade=flags),
    st.builds(op.DropView, st.tuples(names), flags, flags, flags),
    st.builds(op.DropSequence, st.tuples(names), flags, flags),
    st.builds(op.RefreshMaterializedView, names, flags, st.just(value=True)),
    st.builds(op.CreateSchema, identifiers, flags),
    st.builds(op.DropTrigger, identifiers, names, flags, flags),
    st.builds(op.RenameTrigger, identifiers, names, identifiers),
    st.builds(
        op.CreatePolicy, identifiers, names, st.none() | expressions(), st.none() | expressions(), permissive=flags
    ),
    st.builds(op.AlterPolicy, identifiers, names, rename_to=identifiers),
    st.builds(op.DropPolicy, identifiers, names, flags),
)

table_operations = st.one_of(
    st.builds(op.DropTable, st.lists(names, min_size=1, max_size=2).map(tuple), flags, flags),
    st.builds(op.RenameRelation, names, identifiers, st.sampled_from(["TABLE", "INDEX", "VIEW", "SEQUENCE"]), flags),
    st.builds(op.SetSchema, names, identifiers, st.sampled_from(["TABLE", "VIEW"]), flags),
    st.builds(op.RenameColumn, names, identifiers, identifiers),
    st.builds(op.RenameConstraint, names, identifiers, identifiers),
    st.builds(op.Truncate, st.tuples(names), restart_identity=flags, cascade=flags),
    st.builds(op.LockTable, st.tuples(names), st.sampled_from(LockMode), flags),
)

row_operations = st.one_of(
    st.builds(op.Update, names, st.just(("title",)), st.none() | expressions(), assignments=st.just("title = 'x'")),
    st.builds(op.Delete, names, st.none() | expressions()),
)

session_operations = st.one_of(
    st.builds(
        op.SetSetting,
        st.sampled_from(["lock_timeout", "statement_timeout", "app.user"]),
        st.sampled_from(["5s", "0", "1min"]),
        flags,
    ),
    st.builds(op.SetSetting, st.just("search_path"), st.sampled_from(["public", "app, public", '"$user", public'])),
    st.builds(op.SetSetting, st.just("timezone"), st.just("UTC")),
    st.builds(op.SetSetting, st.sampled_from(["lock_timeout", "all"]), st.none()),
    st.builds(op.Begin),
    st.builds(op.Commit, flags),
    st.builds(op.Rollback, st.none() | identifiers),
    st.builds(op.Savepoint, identifiers),
    st.builds(op.ReleaseSavepoint, identifiers),
    st.builds(op.Vacuum, st.tuples(names), flags, flags, flags),
    st.builds(op.Analyze, st.tuples(names)),
    st.builds(op.Cluster, names, st.none() | identifiers),
)

statements = st.one_of(
    alter_tables(),
    st.one_of(
        create_tables,
        index_operations,
        partition_operations,
        object_operations,
        table_operations,
        row_operations,
        session_operations,
    ).map(lambda operation: (operation,)),
)
"""The operations of one statement, of every kind."""
