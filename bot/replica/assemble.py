"""From the rows of the catalog queries to a Catalog."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.names import Name
from bot.core.language.types import Type
from bot.core.schema.catalog import (
    CatalogColumn,
    CatalogConstraint,
    CatalogFunction,
    CatalogIndex,
    CatalogPolicy,
    CatalogTrigger,
    CatalogType,
    Relation,
    RelationKind,
    TypeKind,
)
from bot.replica.sizes import PAGE, Row, size_of, with_trees_summed


class Readers(Protocol):
    """What reads PostgreSQL's own texts; the package `bot.sql` has these functions."""

    def read_expression(self, text: str) -> Expression: ...

    def read_bound(self, text: str) -> op.Bound: ...

    def read_partition_key(self, text: str) -> op.PartitionKey: ...


class _Remembering:
    """Readers that read a text once: defaults, keys and conditions are much alike from table to table."""

    def __init__(self, readers: Readers) -> None:
        self.readers = readers
        self.expressions: dict[str, Expression] = {}

    def read_expression(self, text: str) -> Expression:
        known = self.expressions.get(text)
        if known is None:
            known = self.expressions[text] = self.readers.read_expression(text)
        return known

    def read_bound(self, text: str) -> op.Bound:
        return self.readers.read_bound(text)

    def read_partition_key(self, text: str) -> op.PartitionKey:
        return self.readers.read_partition_key(text)


@dataclass(frozen=True, slots=True)
class Answers:
    """What the queries returned; `lag` in seconds, None where unknown or on a primary."""

    relations: Sequence[Row]
    columns: Sequence[Row]
    statistics: Sequence[Row]
    constraints: Sequence[Row]
    indexes: Sequence[Row]
    attachments: Sequence[Row]
    types: Sequence[Row]
    functions: Sequence[Row]
    lag: float | None = None
    standby: bool = False


def assemble_relations(answers: Answers, readers: Readers) -> tuple[dict[Name, Relation], dict[Name, CatalogIndex]]:
    """The tables, views and sequences, and the indexes, each by its qualified name."""
    readers = _Remembering(readers)
    names = {row["oid"]: Name(row["name"], row["schema"]) for row in answers.relations}
    indexes = [_index(row, names[row["relation"]], readers) for row in answers.indexes if row["relation"] in names]
    unpublished = _Parts(answers, names, indexes, readers)
    relations = {names[row["oid"]]: unpublished.relation(row) for row in answers.relations}
    return with_trees_summed(relations), {index.name: index for index in indexes}


def assemble_types(answers: Answers, readers: Readers) -> dict[Name, CatalogType]:
    found = (_type_of(row, readers) for row in answers.types)
    return {type.name: type for type in found}


def assemble_functions(rows: Iterable[Row]) -> tuple[CatalogFunction, ...]:
    """Overloads with the same arguments are one: the most volatile."""
    kept: dict[tuple[str, str, int, int, bool], CatalogFunction] = {}
    for row in rows:
        key = (row["schema"], row["name"], row["arguments"], row["defaults"], row["variadic"])
        one = CatalogFunction(
            Name(row["name"], row["schema"]),
            row["arguments"],
            row["defaults"],
            _VOLATILITY[row["volatility"]],
            row["variadic"],
            row["language"],
            row["trigger"],
        )
        before = kept.get(key)
        if before is None or _VOLATILE_LAST.index(one.volatility) > _VOLATILE_LAST.index(before.volatility):
            kept[key] = one
    return tuple(kept.values())


_VOLATILITY = {"i": "IMMUTABLE", "s": "STABLE", "v": "VOLATILE"}
_VOLATILE_LAST = ("IMMUTABLE", "STABLE", "VOLATILE")
_KINDS = {
    "r": RelationKind.TABLE,
    "p": RelationKind.PARTITIONED_TABLE,
    "f": RelationKind.FOREIGN_TABLE,
    "v": RelationKind.VIEW,
    "m": RelationKind.MATERIALIZED_VIEW,
    "S": RelationKind.SEQUENCE,
}
_TYPE_KINDS = {
    "b": TypeKind.BASE,
    "e": TypeKind.ENUM,
    "d": TypeKind.DOMAIN,
    "c": TypeKind.COMPOSITE,
    "r": TypeKind.RANGE,
    "m": TypeKind.RANGE,
}
_PERSISTENCE = {"p": "permanent", "u": "unlogged", "t": "temporary"}
_REPLICA_IDENTITY = {"d": "DEFAULT", "n": "NOTHING", "f": "FULL", "i": "USING INDEX"}
_ACTIONS = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
_TRIGGER_EVENTS = ((4, "INSERT"), (8, "DELETE"), (16, "UPDATE"), (32, "TRUNCATE"))
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_UNREAD = Expression("", understood=False)
"""What could not be read because the table is locked: assume the worst."""


class _Parts:
    """The rows of all queries grouped by relation."""

    def __init__(
        self, answers: Answers, names: Mapping[int, Name], indexes: Sequence[CatalogIndex], readers: Readers
    ) -> None:
        self.readers = readers
        self.columns = _grouped(answers.columns, "relation")
        self.statistics = _statistics(answers.statistics)
        self.constraints = _grouped(answers.constraints, "relation")
        self.attachments = _grouped(answers.attachments, "relation")
        self.definitions = {index.name: index for index in indexes}
        self.index_bytes: dict[Name, int] = defaultdict(int)
        for index in indexes:
            self.index_bytes[index.table] += index.bytes or 0
        self.answers = answers
        self.names = names

    def relation(self, row: Row) -> Relation:
        name = self.names[row["oid"]]
        attached = _grouped(self.attachments.get(row["oid"], []), "kind")
        parents = tuple(Name(one["name"], one["data"]["schema"]) for one in attached.get("parent", []))
        owner = next(iter(attached.get("owner", [])), None)
        constraints = [self.constraint(one) for one in self.constraints.get(row["oid"], [])]
        unproven = {
            one.definition.column for one in constraints if isinstance(one.definition, op.NotNull) and not one.valid
        }
        return Relation(
            name=name,
            kind=_KINDS[row["kind"]],
            columns=tuple(self.column(name, one, unproven) for one in self.columns.get(row["oid"], [])),
            constraints=tuple(constraints),
            size=size_of(row, self.index_bytes[name], self.answers.standby, self.answers.lag),
            persistence=_PERSISTENCE[row["persistence"]],
            partition_key=_partition_key(row["partition_key"], self.readers),
            partition_of=parents[0] if row["is_partition"] and parents else None,
            bound=_bound(row["bound"], self.readers),
            parents=() if row["is_partition"] else parents,
            triggers=tuple(_trigger(one) for one in attached.get("trigger", [])),
            policies=tuple(_policy(one) for one in attached.get("policy", [])),
            rules=tuple(one["name"] for one in attached.get("rule", [])),
            row_security=row["row_security"],
            replica_identity=_REPLICA_IDENTITY[row["replica_identity"]],
            owned_by=(Name(owner["name"], owner["data"]["schema"]), owner["data"]["column"]) if owner else None,
            depends_on=tuple(dict.fromkeys(_used(one) for one in attached.get("uses", []))),
            populated=row["populated"],
            options=tuple(_option(text) for text in row["options"] or ()),
            access_method=row["access_method"] or "heap",
            tablespace=row["tablespace"],
            of_type=Name(row["of_type"], row["of_type_schema"]) if row["of_type"] else None,
            statistics=tuple(Name(one["name"], one["data"]["schema"]) for one in attached.get("statistics", [])),
            publications=tuple(dict.fromkeys(one["name"] for one in attached.get("publication", []))),
            owner=row["owner"],
        )

    def column(self, table: Name, row: Row, unproven: set[str]) -> CatalogColumn:
        known = self.statistics.get((table, row["name"]))
        collation = Name(row["collation"], _visible(row["collation_schema"])) if row["collation"] else None
        return replace(
            _column(row, self.readers),
            not_null=row["not_null"] and row["name"] not in unproven,
            collation=collation,
            null_fraction=float(known["null_fraction"]) if known else None,
            distinct=float(known["distinct"]) if known else None,
            average_width=known["average_width"] if known else None,
        )

    def constraint(self, row: Row) -> CatalogConstraint:
        index = Name(row["index"], row["index_schema"]) if row["index"] else None
        standing = self.definitions.get(index) if index is not None else None
        definition = _constraint(row, standing, self.readers)
        return CatalogConstraint(row["name"], definition, row["valid"], index, row["inherited"])


def _grouped(rows: Iterable[Row], key: str) -> dict[Any, list[Row]]:
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[key]].append(row)
    return dict(groups)


def _statistics(rows: Iterable[Row]) -> dict[tuple[Name, str], Row]:
    """The statistics of a table itself before those of its tree; a partitioned table has only the latter."""
    found: dict[tuple[Name, str], Row] = {}
    for row in sorted(rows, key=lambda row: not row["inherited"]):
        found[Name(row["name"], row["schema"]), row["column"]] = row
    return found


def _visible(schema: str | None) -> str | None:
    """No schema is written for what PostgreSQL has built in."""
    return None if schema == "pg_catalog" else schema


def _type(row: Row) -> Type:
    """The name of pg_type with what format_type puts into parentheses and after INTERVAL."""
    text = _QUOTED.sub("", row["modified"] or "")
    inside = re.search(r"\(([^()]*)\)", text)
    modifiers = tuple(part.strip() for part in inside[1].split(",")) if inside else ()
    fields = re.match(r"interval ([a-z ]+)", text)
    return Type(
        row["type"],
        _visible(row["type_schema"]),
        modifiers,
        1 if row["is_array"] else 0,
        fields[1].strip() if fields else "",
    )


def _column(row: Row, readers: Readers) -> CatalogColumn:
    expression = readers.read_expression(row["expression"]) if row["expression"] is not None else _UNREAD
    generated = row["generated"] or ""
    identity = row["identity"] or ""
    return CatalogColumn(
        name=row["name"],
        type=_type(row),
        not_null=row["not_null"],
        default=expression if row["has_expression"] and not generated else None,
        generated=op.Generated(expression, stored=generated == "s") if generated else None,
        identity=op.Identity(always=identity == "a") if identity else None,
        missing_default=row["missing_default"],
        inherited=row["inherited"],
    )


def _constraint(row: Row, index: CatalogIndex | None, readers: Readers) -> op.Constraint:
    columns, name = tuple(row["columns"]), row["name"]
    include = index.include if index is not None else ()
    deferring = {"deferrable": row["deferrable"], "initially_deferred": row["deferred"]}
    match row["kind"]:
        case "n":
            return op.NotNull(columns[0], name, not row["valid"], row["no_inherit"])
        case "c":
            text = row["expression"]
            expression = readers.read_expression(text) if text is not None else _UNREAD
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


def _index(row: Row, table: Name, readers: Readers) -> CatalogIndex:
    elements = row["elements"] or []
    predicate = row["predicate"]
    where = readers.read_expression(predicate) if predicate is not None else _UNREAD if row["is_partial"] else None
    size = row["bytes"] if row["bytes"] is not None else row["pages"] * PAGE
    return CatalogIndex(
        name=Name(row["name"], row["schema"]),
        table=table,
        elements=tuple(_element(one, readers) for one in elements if one["key"]),
        unique=row["unique"],
        primary=row["primary"],
        exclusion=row["exclusion"],
        valid=row["valid"],
        ready=row["ready"],
        method=row["method"],
        include=tuple(one["column"] for one in elements if not one["key"] and one["column"]),
        where=where,
        nulls_not_distinct=row["nulls_not_distinct"],
        constraint=row["constraint"],
        parent=Name(row["parent"], row["parent_schema"]) if row["parent"] else None,
        partitioned=row["partitioned"],
        replica_identity=row["replica_identity"],
        clustered=row["clustered"],
        bytes=None if row["partitioned"] else size,
        definition=row["definition"] or "",
    )


def _element(one: Row, readers: Readers) -> op.IndexElement:
    """One key as an author would write it; what is PostgreSQL's default for the type is left out, as it does."""
    bare = one["text"] if one["text"] is not None else str(Name(one["column"])) if one["column"] else ""
    collation = Name(one["collation"], _visible(one["collation_schema"])) if one["collation"] else None
    operator_class = Name(one["class"], _visible(one["class_schema"])) if one["class"] else None
    words = [bare]
    if collation is not None:
        words.append(f"COLLATE {collation}")
    if operator_class is not None:
        words.append(str(operator_class))
    descending, first = bool(one["option"] & 1), bool(one["option"] & 2)
    if descending:
        words.append("DESC")
    if first != descending:
        words.append("NULLS FIRST" if first else "NULLS LAST")
    expression = readers.read_expression(bare) if bare else _UNREAD
    return op.IndexElement(" ".join(words), expression, one["column"], operator_class, collation)


def _trigger(row: Row) -> CatalogTrigger:
    data = row["data"]
    return CatalogTrigger(
        row["name"],
        tuple(data["columns"]),
        data["enabled"],
        Name(data["function"], _visible(data["schema"])),
        tuple(event for bit, event in _TRIGGER_EVENTS if data["type"] & bit),
        bool(data["type"] & 1),
    )


def _policy(row: Row) -> CatalogPolicy:
    relations = tuple(Name(one["name"], one["schema"]) for one in row["data"]["relations"] or ())
    return CatalogPolicy(row["name"], tuple(row["data"]["columns"]), relations)


def _partition_key(text: str | None, readers: Readers) -> op.PartitionKey | None:
    if text is None:
        return None
    try:
        return readers.read_partition_key(text)
    except ValueError:
        strategy, _, elements = text.partition(" ")
        return op.PartitionKey(strategy.upper(), (Expression(elements, understood=False),))


def _bound(text: str | None, readers: Readers) -> op.Bound | None:
    if text is None:
        return None
    try:
        return readers.read_bound(text)
    except ValueError:
        return op.Bound(text, default=text.strip().upper() == "DEFAULT")


def _used(row: Row) -> tuple[Name, str | None]:
    return Name(row["name"], row["data"]["schema"]), row["data"]["column"]


def _option(text: str) -> tuple[str, str | None]:
    name, separator, value = text.partition("=")
    return name, value if separator else None


def _type_of(row: Row, readers: Readers) -> CatalogType:
    kind = _TYPE_KINDS[row["kind"]]
    name = Name(row["name"], row["schema"])
    checks = row["checks"] or []
    return CatalogType(
        name=name,
        kind=kind,
        labels=tuple(row["labels"]),
        base=_type(row) if kind is TypeKind.DOMAIN else None,
        not_null=row["not_null"],
        default=readers.read_expression(row["default"]) if row["default"] is not None else None,
        checks=tuple(
            CatalogConstraint(
                one["name"],
                op.Check(readers.read_expression(one["expression"]), one["name"], not one["valid"]),
                one["valid"],
            )
            for one in checks
            if one["kind"] == "c"
        ),
        attributes=tuple(CatalogColumn(one["name"], _type(one)) for one in row["attributes"] or ()),
        extension=row["extension"],
        binary_coercible=tuple(row["coercible"]),
    )
