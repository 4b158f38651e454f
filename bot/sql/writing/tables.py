"""Tables, columns, constraints and indexes as SQL."""

from bot.core.language import operations as op
from bot.core.language.names import quote
from bot.sql.writing.parts import Unwritable, Writers, identifiers, names, parameters, parenthesised, words


def create_table(table: op.CreateTable) -> str:
    """CREATE TABLE, one column or constraint per line."""
    head = words(
        "CREATE",
        _persistence(table.persistence),
        "TABLE",
        "IF NOT EXISTS" if table.if_not_exists else None,
        str(table.table),
        f"PARTITION OF {table.partition_of}" if table.partition_of else None,
        f"OF {table.of_type}" if table.of_type else None,
    )
    typed = table.partition_of is not None or table.of_type is not None
    elements = [
        *(_typed_column(column) if typed else column_definition(column) for column in table.columns),
        *(_like(like) for like in table.likes),
        *(constraint_definition(constraint) for constraint in table.constraints),
    ]
    body = "(\n    " + ",\n    ".join(elements) + "\n)" if elements else "" if typed else "()"
    return words(
        head,
        body,
        bound(table.bound) if table.bound else None,
        f"INHERITS ({names(table.inherits)})" if table.inherits else None,
        partition_key(table.partition_by) if table.partition_by else None,
        f"USING {quote(table.access_method)}" if table.access_method else None,
        f"WITH {parameters(table.options)}" if table.options else None,
        f"ON COMMIT {table.on_commit}" if table.on_commit else None,
        f"TABLESPACE {quote(table.tablespace)}" if table.tablespace else None,
    )


def create_table_as(table: op.CreateTableAs) -> str:
    head = words(
        "CREATE",
        _persistence(table.persistence),
        "TABLE",
        "IF NOT EXISTS" if table.if_not_exists else None,
        str(table.table),
        parenthesised(table.columns),
    )
    return words(head, "AS", table.query.text, None if table.with_data else "WITH NO DATA")


def column_definition(column: op.Column) -> str:
    """A column definition, as in CREATE TABLE and ADD COLUMN."""
    return words(
        quote(column.name),
        str(column.type) if column.type else None,
        f"STORAGE {column.storage}" if column.storage else None,
        f"COMPRESSION {quote(column.compression)}" if column.compression else None,
        f"COLLATE {column.collation}" if column.collation else None,
        _column_rest(column),
    )


def constraint_definition(constraint: op.Constraint) -> str:
    """A table constraint with its name, as after ADD."""
    return words(_named(constraint), _table_constraint(constraint))


def create_index(index: op.CreateIndex) -> str:
    """CREATE INDEX; long clauses are on lines of their own."""
    head = words(
        "CREATE",
        "UNIQUE" if index.unique else None,
        "INDEX",
        "CONCURRENTLY" if index.concurrently else None,
        "IF NOT EXISTS" if index.if_not_exists else None,
        quote(index.index) if index.index is not None else None,
    )
    on = words(
        "ON",
        "ONLY" if index.only else None,
        str(index.table),
        f"USING {quote(index.method)}" if index.method != "btree" else None,
        f"({', '.join(element.text for element in index.elements)})",
    )
    rest = [
        f"INCLUDE {parenthesised(index.include)}" if index.include else "",
        "NULLS NOT DISTINCT" if index.nulls_not_distinct else "",
        f"WITH {parameters(index.options)}" if index.options else "",
        f"TABLESPACE {quote(index.tablespace)}" if index.tablespace else "",
        f"WHERE {index.where.text}" if index.where else "",
    ]
    parts = [head, on, *(part for part in rest if part)]
    single = " ".join(parts)
    return single if len(single) <= 100 and "\n" not in single else "\n    ".join(parts)


def bound(bound: op.Bound) -> str:
    """FOR VALUES ... or DEFAULT: as written, else from its parts."""
    if bound.text:
        return bound.text
    if bound.default:
        return "DEFAULT"
    if bound.modulus is not None:
        return f"FOR VALUES WITH (MODULUS {bound.modulus}, REMAINDER {bound.remainder})"
    if bound.values:
        return f"FOR VALUES IN ({', '.join(bound.values)})"
    return f"FOR VALUES FROM ({', '.join(bound.lower)}) TO ({', '.join(bound.upper)})"


def partition_key(key: op.PartitionKey) -> str:
    return f"PARTITION BY {key.strategy} ({', '.join(element.text for element in key.elements)})"


def identity(identity: op.Identity) -> str:
    always = "ALWAYS" if identity.always else "BY DEFAULT"
    return words(f"GENERATED {always} AS IDENTITY", f"({identity.options})" if identity.options else None)


def _persistence(persistence: str) -> str | None:
    return None if persistence == "permanent" else persistence.upper()


def _like(like: op.Like) -> str:
    including = [f"INCLUDING {word}" for word in like.including]
    excluding = [f"EXCLUDING {word}" for word in like.excluding]
    return words(f"LIKE {like.table}", *including, *excluding)


def _typed_column(column: op.Column) -> str:
    return words(quote(column.name), "WITH OPTIONS", _column_rest(column))


def _column_rest(column: op.Column) -> str:
    return words(
        f"DEFAULT {column.default.text}" if column.default else None,
        _generated(column.generated) if column.generated else None,
        identity(column.identity) if column.identity else None,
        *(words(_named(constraint), _column_constraint(constraint)) for constraint in column.constraints),
    )


def _generated(generated: op.Generated) -> str:
    kind = {None: None, True: "STORED", False: "VIRTUAL"}[generated.stored]
    return words(f"GENERATED ALWAYS AS ({generated.expression.text})", kind)


def _named(constraint: op.Constraint) -> str | None:
    return f"CONSTRAINT {quote(constraint.name)}" if constraint.name is not None else None


def _column_constraint(constraint: op.Constraint) -> str:
    match constraint:
        case op.NotNull():
            return words("NOT NULL", _inheritance(constraint))
        case op.Check():
            return _table_constraint(constraint)
        case op.Unique():
            return words("UNIQUE", _nulls(constraint), _index_storage(constraint), _deferral(constraint))
        case op.PrimaryKey():
            return words("PRIMARY KEY", _index_storage(constraint), _deferral(constraint))
        case op.ForeignKey():
            return words(_references(constraint), _deferral(constraint), _enforcement(constraint))
        case op.Exclusion():
            raise Unwritable("EXCLUDE cannot be written at a column")


def _table_constraint(constraint: op.Constraint) -> str:
    match constraint:
        case op.NotNull():
            return words("NOT NULL", quote(constraint.column), _inheritance(constraint), _validity(constraint))
        case op.Check():
            return words(
                f"CHECK ({constraint.expression.text})",
                _inheritance(constraint),
                _enforcement(constraint),
                _validity(constraint),
            )
        case op.Unique():
            return words(_unique(constraint), _deferral(constraint))
        case op.PrimaryKey():
            return words(_primary_key(constraint), _deferral(constraint))
        case op.ForeignKey():
            columns = _period(constraint.columns) if constraint.period else identifiers(constraint.columns)
            return words(
                f"FOREIGN KEY ({columns})",
                _references(constraint),
                _deferral(constraint),
                _enforcement(constraint),
                _validity(constraint),
            )
        case op.Exclusion():
            return words(_exclusion(constraint), _deferral(constraint))


def _unique(unique: op.Unique) -> str:
    if unique.using_index is not None:
        return f"UNIQUE USING INDEX {quote(unique.using_index)}"
    return words(
        "UNIQUE",
        _nulls(unique),
        f"({_overlaps(unique.columns) if unique.without_overlaps else identifiers(unique.columns)})",
        f"INCLUDE {parenthesised(unique.include)}" if unique.include else None,
        _index_storage(unique),
    )


def _primary_key(key: op.PrimaryKey) -> str:
    if key.using_index is not None:
        return f"PRIMARY KEY USING INDEX {quote(key.using_index)}"
    return words(
        f"PRIMARY KEY ({_overlaps(key.columns) if key.without_overlaps else identifiers(key.columns)})",
        f"INCLUDE {parenthesised(key.include)}" if key.include else None,
        _index_storage(key),
    )


def _exclusion(exclusion: op.Exclusion) -> str:
    return words(
        "EXCLUDE",
        f"USING {quote(exclusion.method)}" if exclusion.method != "btree" else None,
        f"({', '.join(element.text for element in exclusion.elements)})",
        f"INCLUDE {parenthesised(exclusion.include)}" if exclusion.include else None,
        _index_storage(exclusion),
        f"WHERE ({exclusion.where.text})" if exclusion.where else None,
    )


def _references(key: op.ForeignKey) -> str:
    targets = key.references_columns
    return words(
        f"REFERENCES {key.references}",
        f"({_period(targets) if key.period else identifiers(targets)})" if targets else None,
        "MATCH FULL" if key.match_full else None,
        f"ON UPDATE {key.on_update}" if key.on_update != "NO ACTION" else None,
        f"ON DELETE {key.on_delete}" if key.on_delete != "NO ACTION" else None,
        parenthesised(key.on_delete_columns),
    )


def _period(columns: tuple[str, ...]) -> str:
    """Of a temporal foreign key: PERIOD precedes the last column."""
    return ", ".join([*(quote(column) for column in columns[:-1]), f"PERIOD {quote(columns[-1])}"])


def _overlaps(columns: tuple[str, ...]) -> str:
    """Of a temporal key: WITHOUT OVERLAPS follows the last column."""
    return f"{identifiers(columns)} WITHOUT OVERLAPS"


def _nulls(unique: op.Unique) -> str | None:
    return "NULLS NOT DISTINCT" if unique.nulls_not_distinct else None


def _index_storage(constraint: op.Unique | op.PrimaryKey | op.Exclusion) -> str:
    return words(
        f"WITH {parameters(constraint.options)}" if constraint.options else None,
        f"USING INDEX TABLESPACE {quote(constraint.tablespace)}" if constraint.tablespace else None,
    )


def _deferral(constraint: op.Unique | op.PrimaryKey | op.ForeignKey | op.Exclusion) -> str:
    return words(
        "DEFERRABLE" if constraint.deferrable else None,
        "INITIALLY DEFERRED" if constraint.initially_deferred else None,
    )


def _inheritance(constraint: op.NotNull | op.Check) -> str | None:
    return "NO INHERIT" if constraint.no_inherit else None


def _enforcement(constraint: op.Check | op.ForeignKey) -> str | None:
    return None if constraint.enforced else "NOT ENFORCED"


def _validity(constraint: op.NotNull | op.Check | op.ForeignKey) -> str | None:
    return "NOT VALID" if constraint.not_valid else None


WRITERS: Writers = {
    op.CreateTable: create_table,
    op.CreateTableAs: create_table_as,
    op.CreateIndex: create_index,
}
