"""Makes tables, views and sequences from the rows of all queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.names import Name
from bot.core.schema.catalog import (
    CatalogColumn,
    CatalogConstraint,
    CatalogGrant,
    CatalogIndex,
    CatalogPolicy,
    CatalogStatistics,
    CatalogTrigger,
    Relation,
    RelationKind,
)
from bot.core.schema.catalog_json import Readers
from bot.replica.answers import (
    UNREAD,
    Answers,
    RememberingReaders,
    options_of,
    sequence_options,
    type_of,
    visible_schema,
)
from bot.replica.constraints import read_constraint, read_index
from bot.replica.sizes import Row, size_of, with_trees_summed


def assemble_relations(answers: Answers, readers: Readers) -> tuple[dict[Name, Relation], dict[Name, CatalogIndex]]:
    """The tables, views and sequences, and the indexes, each by its qualified name."""
    readers = RememberingReaders(readers)
    names = {row["oid"]: Name(row["name"], row["schema"]) for row in answers.relations}
    indexes = [read_index(row, names[row["relation"]], readers) for row in answers.indexes if row["relation"] in names]
    parts = _Parts(answers, names, indexes, readers)
    relations = {names[row["oid"]]: parts.relation(row) for row in answers.relations}
    return with_trees_summed(relations), {index.name: index for index in indexes}


_KINDS = {
    "r": RelationKind.TABLE,
    "p": RelationKind.PARTITIONED_TABLE,
    "f": RelationKind.FOREIGN_TABLE,
    "v": RelationKind.VIEW,
    "m": RelationKind.MATERIALIZED_VIEW,
    "S": RelationKind.SEQUENCE,
}

_PERSISTENCE = {"p": "permanent", "u": "unlogged", "t": "temporary"}

_REPLICA_IDENTITY = {"d": "DEFAULT", "n": "NOTHING", "f": "FULL", "i": "USING INDEX"}

_TRIGGER_EVENTS = ((4, "INSERT"), (8, "DELETE"), (16, "UPDATE"), (32, "TRUNCATE"))


_TRIGGER_STATES = {"O": "ENABLE", "D": "DISABLE", "R": "ENABLE REPLICA", "A": "ENABLE ALWAYS"}

_COMMANDS = {"*": "ALL", "r": "SELECT", "a": "INSERT", "w": "UPDATE", "d": "DELETE"}

_STORAGE = {"p": "PLAIN", "e": "EXTERNAL", "x": "EXTENDED", "m": "MAIN"}

_COMPRESSION = {"p": "pglz", "l": "lz4"}


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
        parents = tuple(Name(parent["name"], parent["data"]["schema"]) for parent in attached.get("parent", []))
        owner = next(iter(attached.get("owner", [])), None)
        constraints = [self.constraint(found) for found in self.constraints.get(row["oid"], [])]
        unproven = {
            constraint.definition.column
            for constraint in constraints
            if isinstance(constraint.definition, op.NotNull) and not constraint.valid
        }
        return Relation(
            name=name,
            kind=_KINDS[row["kind"]],
            columns=tuple(self.column(name, column, unproven) for column in self.columns.get(row["oid"], [])),
            constraints=tuple(constraints),
            size=size_of(row, self.index_bytes[name], standby=self.answers.standby, lag=self.answers.lag),
            persistence=_PERSISTENCE[row["persistence"]],
            partition_key=_partition_key(row["partition_key"], self.readers),
            partition_of=parents[0] if row["is_partition"] and parents else None,
            bound=_bound(row["bound"], self.readers),
            parents=() if row["is_partition"] else parents,
            triggers=tuple(_trigger(trigger) for trigger in attached.get("trigger", [])),
            policies=tuple(self.policy(policy) for policy in attached.get("policy", [])),
            rules=tuple(rule["name"] for rule in attached.get("rule", [])),
            row_security=row["row_security"],
            replica_identity=_REPLICA_IDENTITY[row["replica_identity"]],
            owned_by=(Name(owner["name"], owner["data"]["schema"]), owner["data"]["column"]) if owner else None,
            depends_on=tuple(dict.fromkeys(_used(used) for used in attached.get("uses", []))),
            populated=row["populated"],
            options=options_of(row),
            access_method=row["access_method"] or "heap",
            tablespace=row["tablespace"],
            of_type=Name(row["of_type"], row["of_type_schema"]) if row["of_type"] else None,
            statistics=tuple(
                Name(statistics["name"], statistics["data"]["schema"]) for statistics in attached.get("statistics", [])
            ),
            publications=tuple(dict.fromkeys(publication["name"] for publication in attached.get("publication", []))),
            owner=row["owner"],
            grants=tuple(_grants(attached.get("grant", []))),
            comment=row["comment"],
            definition=(row["view_definition"] or "").strip().removesuffix(";") or sequence_options(row),
            published_columns=tuple(
                dict.fromkeys(
                    column for one in attached.get("published columns", []) for column in one["data"]["columns"]
                )
            ),
            extended_statistics=tuple(_extended(one) for one in attached.get("statistics", [])),
        )

    def column(self, table: Name, row: Row, unproven: set[str]) -> CatalogColumn:
        known = self.statistics.get((table, row["name"]))
        collation = Name(row["collation"], visible_schema(row["collation_schema"])) if row["collation"] else None
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
        definition_of_index = self.definitions.get(index) if index is not None else None
        definition = read_constraint(row, definition_of_index, self.readers)
        return CatalogConstraint(row["name"], definition, row["valid"], index, row["inherited"], row["comment"])

    def policy(self, row: Row) -> CatalogPolicy:
        data = row["data"]
        relations = tuple(Name(relation["name"], relation["schema"]) for relation in data["relations"] or ())
        return CatalogPolicy(
            row["name"],
            tuple(data["columns"]),
            relations,
            self.readers.read_expression(data["using"]) if data["using"] is not None else None,
            self.readers.read_expression(data["check"]) if data["check"] is not None else None,
            _COMMANDS[data["command"]],
            data["permissive"],
            tuple(data["roles"]),
            data["comment"],
        )


def _grouped(rows: Iterable[Row], key: str) -> dict[Any, list[Row]]:
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[key]].append(row)
    return dict(groups)


def _statistics(rows: Iterable[Row]) -> dict[tuple[Name, str], Row]:
    """The statistics of a table itself, or those of its whole tree: a partitioned table has only the latter."""
    found: dict[tuple[Name, str], Row] = {}
    for row in sorted(rows, key=lambda row: not row["inherited"]):
        found[Name(row["name"], row["schema"]), row["column"]] = row
    return found


def _column(row: Row, readers: Readers) -> CatalogColumn:
    expression = readers.read_expression(row["expression"]) if row["expression"] is not None else UNREAD
    generated = row["generated"] or ""
    identity = row["identity"] or ""
    return CatalogColumn(
        name=row["name"],
        type=type_of(row),
        not_null=row["not_null"],
        default=expression if row["has_expression"] and not generated else None,
        generated=op.Generated(expression, stored=generated == "s") if generated else None,
        identity=op.Identity(always=identity == "a") if identity else None,
        missing_default=row["missing_default"],
        inherited=row["inherited"],
        storage=_STORAGE[row["storage"]] if row["storage"] else None,
        compression=_COMPRESSION.get(row["compression"]),
        statistics_target=row["statistics_target"],
        options=options_of(row),
        comment=row["comment"],
    )


def _trigger(row: Row) -> CatalogTrigger:
    data = row["data"]
    return CatalogTrigger(
        row["name"],
        tuple(data["columns"]),
        data["enabled"] != "D",
        Name(data["function"], visible_schema(data["schema"])),
        tuple(event for bit, event in _TRIGGER_EVENTS if data["type"] & bit),
        bool(data["type"] & 1),
        "INSTEAD OF" if data["type"] & 64 else "BEFORE" if data["type"] & 2 else "AFTER",
        _TRIGGER_STATES[data["enabled"]],
        data["definition"] or "",
        data["comment"],
    )


def _grants(rows: Sequence[Row]) -> Iterable[CatalogGrant]:
    """The privileges of one role on the same thing together."""
    found: dict[tuple[str, str | None, bool], list[str]] = defaultdict(list)
    for row in rows:
        found[row["name"], row["data"]["column"], row["data"]["grantable"]].append(row["data"]["privilege"])
    for (role, column, grantable), privileges in sorted(found.items(), key=lambda one: (one[0][0], one[0][1] or "")):
        yield CatalogGrant(role, tuple(sorted(privileges)), column, grantable)


def _extended(row: Row) -> CatalogStatistics:
    data = row["data"]
    return CatalogStatistics(Name(row["name"], data["schema"]), tuple(data["columns"]), data["definition"] or "")


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
