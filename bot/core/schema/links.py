"""What refers to each relation of a catalog: updated with each change instead of searched for."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any

from bot.core.language import operations as op
from bot.core.language.constants import constant
from bot.core.language.names import Name
from bot.core.record import record
from bot.core.schema.catalog import Catalog, CatalogFunction, CatalogIndex, Relation
from bot.core.schema.versions import Draft, Members, Versions

Names = tuple[Name, ...] | Members[Name]
_FEW = 16
"""Names that are kept in a tuple; more have a history, as maps have."""


@record
class Links:
    """For each relation those that point to it, in the order of their creation."""

    indexes: Mapping[Name, Names]
    """Of a table."""
    children: Mapping[Name, Names]
    """Partitions and inheritance children."""
    referencing: Mapping[Name, Names]
    """Tables with a foreign key to it."""
    sequences: Mapping[Name, Names]
    """Owned by its columns."""
    views: Mapping[Name, Names]
    """That use it."""
    constraints: Mapping[tuple[str | None, str], Names]
    """Tables that have a constraint of that name in that schema."""
    bounds: Mapping[tuple[Name, object], Names]
    """Partitions of a table that a bound of the key may overlap: those of one value, those with ranges."""
    functions: Mapping[Name, tuple[CatalogFunction, ...] | Members[CatalogFunction]]
    """The overloads of each name."""

    @staticmethod
    def of(catalog: Catalog) -> "Links":
        draft = LinksDraft(
            Links(*[Versions[Any, Any]({}) for _ in fields(Links)]),
        )
        for relation in catalog.relations.values():
            draft.add(relation)
        for index in catalog.indexes.values():
            draft.add_index(index)
        for function in catalog.functions:
            draft.add_function(function)
        return draft.freeze()


class LinksDraft:
    """Links that are being changed."""

    def __init__(self, base: Links) -> None:
        self._base = base
        self.indexes = Draft(base.indexes)
        self.children = Draft(base.children)
        self.referencing = Draft(base.referencing)
        self.sequences = Draft(base.sequences)
        self.views = Draft(base.views)
        self.constraints = Draft(base.constraints)
        self.bounds = Draft(base.bounds)
        self.functions = Draft(base.functions)

    def freeze(self) -> Links:
        """The links as they are now; the same object where nothing changed."""
        now = Links(
            self.indexes.freeze(),
            self.children.freeze(),
            self.referencing.freeze(),
            self.sequences.freeze(),
            self.views.freeze(),
            self.constraints.freeze(),
            self.bounds.freeze(),
            self.functions.freeze(),
        )
        names = [field.name for field in fields(Links)]
        return self._base if all(getattr(now, name) is getattr(self._base, name) for name in names) else now

    def replace(self, old: Relation | None, new: Relation | None) -> None:
        """Replaces the links of a relation: those of `old` are removed, those of `new` added; those of both stay."""
        if old is not None and new is not None and _only_adds(old, new):
            for which, key in self._made_by_constraints(new, len(old.constraints)):
                _add(self._map(which), key, new.name)
            return
        before = dict.fromkeys(self._made_by(old)) if old is not None else {}
        after = dict.fromkeys(self._made_by(new)) if new is not None else {}
        same_name = old is not None and new is not None and old.name == new.name
        for which, key in before:
            if old is not None and not (same_name and (which, key) in after):
                _remove(self._map(which), key, old.name)
        for which, key in after:
            if new is not None and not (same_name and (which, key) in before):
                _add(self._map(which), key, new.name)

    def add(self, relation: Relation) -> None:
        self.replace(None, relation)

    def add_index(self, index: CatalogIndex) -> None:
        _add(self.indexes, index.table, index.name)

    def remove_index(self, index: CatalogIndex) -> None:
        _remove(self.indexes, index.table, index.name)

    def add_function(self, function: CatalogFunction) -> None:
        _add(self.functions, function.name, function)

    def remove_function(self, function: CatalogFunction) -> None:
        _remove(self.functions, function.name, function)

    def _map(self, which: str) -> Draft:
        return getattr(self, which)

    @staticmethod
    def _made_by_constraints(relation: Relation, first: int = 0) -> Iterator[tuple[str, object]]:
        for constraint in relation.constraints[first:]:
            yield "constraints", (relation.name.schema, constraint.name)
            if isinstance(constraint.definition, op.ForeignKey):
                yield "referencing", constraint.definition.references

    @classmethod
    def _made_by(cls, relation: Relation) -> Iterator[tuple[str, object]]:
        for parent in _some(relation.partition_of, *relation.parents):
            yield "children", parent
        if relation.partition_of is not None and relation.bound is not None:
            for key in bound_keys(relation.bound):
                yield "bounds", (relation.partition_of, key)
        yield from cls._made_by_constraints(relation)
        if relation.owned_by is not None:
            yield "sequences", relation.owned_by[0]
        for used, _ in relation.depends_on:
            yield "views", used


def bound_keys(bound: op.Bound) -> list[object]:
    """What two bounds that overlap have in common: a value, or their kind."""
    if bound.default:
        return ["default"]
    if bound.modulus is not None:
        return ["hash"]
    if bound.values:
        found = map(constant, bound.values)
        return [("value", type(one), one) for one in dict.fromkeys(found) if one is not None]
    return ["range"]


def _some(*names: Name | None) -> Iterable[Name]:
    return (name for name in names if name is not None)


def _only_adds(old: Relation, new: Relation) -> bool:
    """Whether the new relation differs in its links by further constraints alone, as a wide table's do one by one."""
    return (
        old.name == new.name
        and old.partition_of is new.partition_of
        and old.parents is new.parents
        and old.bound is new.bound
        and old.owned_by is new.owned_by
        and old.depends_on is new.depends_on
        and new.constraints[: len(old.constraints)] == old.constraints
    )


def _add(links: Draft, key: object, name: Name | CatalogFunction) -> None:
    held = links.get(key, ())
    if name in held:
        return
    if isinstance(held, tuple) and len(held) < _FEW:
        links[key] = (*held, name)
    else:
        many = held if isinstance(held, Members) else Members(dict.fromkeys(held))
        links[key] = many.changed((name,), ())


def _remove(links: Draft, key: object, name: Name | CatalogFunction) -> None:
    held = links.get(key, ())
    held = held.changed((), (name,)) if isinstance(held, Members) else tuple(one for one in held if one != name)
    if held:
        links[key] = held
    else:
        links.pop(key, None)
