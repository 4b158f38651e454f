"""Constraints and indexes, from the rows that describe them."""

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.core.schema.catalog import CatalogIndex
from bot.core.schema.catalog_json import Readers
from bot.replica.answers import UNREAD, options_of, visible_schema
from bot.replica.sizes import PAGE, Row


def read_constraint(row: Row, index: CatalogIndex | None, readers: Readers) -> op.Constraint:
    columns, name = tuple(row["columns"]), row["name"]
    include = index.include if index is not None else ()
    deferring = {"deferrable": row["deferrable"], "initially_deferred": row["deferred"]}
    match row["kind"]:
        case "n":
            return op.NotNull(columns[0], name, not row["valid"], row["no_inherit"])
        case "c":
            text = row["expression"]
            expression = readers.read_expression(text) if text is not None else UNREAD
            return op.Check(expression, name, not row["valid"], row["no_inherit"], row["enforced"])
        case "p":
            return op.PrimaryKey(columns, name, include, without_overlaps=row["period"], **deferring)
        case "u":
            distinct = index.nulls_not_distinct if index is not None else False
            return op.Unique(columns, name, include, distinct, without_overlaps=row["period"], **deferring)
        case "x":
            return _exclusion(row, index, deferring)
        case _:
            return _foreign_key(row, columns, deferring)


def _exclusion(row: Row, index: CatalogIndex | None, deferring: dict[str, bool]) -> op.Exclusion:
    elements = index.elements if index is not None else ()
    return op.Exclusion(
        tuple(
            op.ExclusionElement(f"{element.text} WITH {operator}", element.expression, operator)
            for element, operator in zip(elements, row["operators"], strict=False)
        ),
        row["name"],
        index.method if index is not None else "gist",
        index.include if index is not None else (),
        index.where if index is not None else None,
        deferrable=deferring["deferrable"],
        initially_deferred=deferring["initially_deferred"],
    )


def _foreign_key(row: Row, columns: tuple[str, ...], deferring: dict[str, bool]) -> op.ForeignKey:
    return op.ForeignKey(
        columns,
        Name(row["referenced"], row["referenced_schema"]),
        tuple(row["referenced_columns"]),
        row["name"],
        _ACTIONS[row["on_delete"]],
        _ACTIONS[row["on_update"]],
        tuple(row["set_columns"]),
        match_full=row["match"] == "f",
        not_valid=not row["valid"],
        enforced=row["enforced"],
        period=row["period"],
        **deferring,
    )


_ACTIONS = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}


def read_index(row: Row, table: Name, readers: Readers) -> CatalogIndex:
    elements = row["elements"] or []
    predicate = row["predicate"]
    where = readers.read_expression(predicate) if predicate is not None else UNREAD if row["is_partial"] else None
    size = row["bytes"] if row["bytes"] is not None else row["pages"] * PAGE
    return CatalogIndex(
        name=Name(row["name"], row["schema"]),
        table=table,
        elements=tuple(_element(element, readers) for element in elements if element["key"]),
        unique=row["unique"],
        primary=row["primary"],
        exclusion=row["exclusion"],
        valid=row["valid"],
        ready=row["ready"],
        method=row["method"],
        include=tuple(element["column"] for element in elements if not element["key"] and element["column"]),
        where=where,
        nulls_not_distinct=row["nulls_not_distinct"],
        constraint=row["constraint"],
        parent=Name(row["parent"], row["parent_schema"]) if row["parent"] else None,
        partitioned=row["partitioned"],
        replica_identity=row["replica_identity"],
        clustered=row["clustered"],
        bytes=None if row["partitioned"] else size,
        definition=row["definition"] or "",
        options=options_of(row),
        tablespace=row["tablespace"],
        comment=row["comment"],
    )


def _element(key: Row, readers: Readers) -> op.IndexElement:
    """One key as an author would write it, without what is the type's default, as PostgreSQL prints it."""
    bare = key["text"] if key["text"] is not None else str(Name(key["column"])) if key["column"] else ""
    collation = Name(key["collation"], visible_schema(key["collation_schema"])) if key["collation"] else None
    operator_class = Name(key["class"], visible_schema(key["class_schema"])) if key["class"] else None
    words = [bare]
    if collation is not None:
        words.append(f"COLLATE {collation}")
    if operator_class is not None:
        words.append(str(operator_class))
    descending, first = bool(key["option"] & 1), bool(key["option"] & 2)
    if descending:
        words.append("DESC")
    if first != descending:
        words.append("NULLS FIRST" if first else "NULLS LAST")
    expression = readers.read_expression(bare) if bare else UNREAD
    return op.IndexElement(" ".join(words), expression, key["column"], operator_class, collation)
