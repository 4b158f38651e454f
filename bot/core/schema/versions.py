"""Maps with a history: each change makes a new version, and the old ones stay readable, at the price of the change.

A version is a few layers of entries, the newest on top, each much larger than the one above it; versions share those
they have in common. A run of ten thousand statements keeps a session for each, and a process sends them to another.
"""

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, MutableMapping, Set, ValuesView
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")
_TOP = 8
"""Entries of the topmost layer, which is copied at every change."""
_GROWTH = 8
"""A layer is merged into the one below unless that is so many times larger."""


class _GONE:
    """In the place of a value: the entry was removed. A class, because its identity must hold in another process."""


class _MISSING:
    """Neither present nor removed."""


class Versions(Mapping[K, V]):
    """One version; immutable."""

    __slots__ = ("_layers",)

    def __init__(self, entries: dict[K, V]) -> None:
        """Keeps `entries`: nobody may change it any more."""
        self._layers: tuple[dict[K, Any], ...] = (entries,)

    def changed(self, changes: Mapping[K, Any]) -> "Versions[K, V]":
        """The version after the changes; an entry is removed where a `Draft` says so."""
        top, *below = self._layers
        if len(top) < _TOP:
            layers = [_merged(top, changes, last=not below), *below]
        else:
            layers = [dict(changes), *_settled([top, *below])]
        new: Versions[K, V] = Versions(layers[0])
        new._layers = tuple(layers)
        return new

    def __getitem__(self, key: K) -> V:
        value = self.get(key, _MISSING)
        if value is _MISSING:
            raise KeyError(key)
        return value  # type: ignore[return-value]

    def get(self, key: Any, default: Any = None) -> Any:
        for layer in self._layers:
            value = layer.get(key, _MISSING)
            if value is not _MISSING:
                return default if value is _GONE else value
        return default

    def __contains__(self, key: object) -> bool:
        return self.get(key, _MISSING) is not _MISSING

    def __iter__(self) -> Iterator[K]:
        return iter(self._entries())

    def __len__(self) -> int:
        return len(self._entries())

    def keys(self) -> KeysView[K]:
        return self._entries().keys()

    def values(self) -> ValuesView[V]:
        return self._entries().values()

    def items(self) -> ItemsView[K, V]:
        return self._entries().items()

    def _entries(self) -> dict[K, V]:
        if len(self._layers) == 1:
            return self._layers[0]
        entries = dict(self._layers[-1])
        for layer in reversed(self._layers[:-1]):
            _apply(entries, layer)
        return entries


def _settled(layers: list[dict[K, Any]]) -> list[dict[K, Any]]:
    """Layers of about the same size are merged: few remain, and no entry is copied often."""
    while len(layers) > 1 and len(layers[1]) < _GROWTH * len(layers[0]):
        layers[:2] = [_merged(layers[1], layers[0], last=len(layers) == 2)]
    return layers


def _merged(below: Mapping[K, Any], above: Mapping[K, Any], *, last: bool) -> dict[K, Any]:
    entries = dict(below)
    if last:
        _apply(entries, above)
    else:
        entries.update(above)
    return entries


def _apply(entries: dict[K, Any], changes: Mapping[K, Any]) -> None:
    for key, value in changes.items():
        if value is _GONE:
            entries.pop(key, None)
        else:
            entries[key] = value


class Draft(MutableMapping[K, V], Generic[K, V]):
    """A map that is being changed, over one that is not."""

    __slots__ = ("_base", "_changes")

    def __init__(self, base: Mapping[K, V]) -> None:
        self._base = base
        self._changes: dict[K, Any] = {}

    def freeze(self) -> Mapping[K, V]:
        """The next version; the same where nothing was changed."""
        if not self._changes:
            return self._base
        base = self._base
        if not isinstance(base, Versions):
            base = Versions(base if isinstance(base, dict) else dict(base))
        return base.changed(self._changes)

    @property
    def added(self) -> set[K]:
        """Keys that the base does not have."""
        return {key for key, value in self._changes.items() if value is not _GONE and key not in self._base}

    @property
    def removed(self) -> set[K]:
        """Keys that only the base has."""
        return {key for key, value in self._changes.items() if value is _GONE and key in self._base}

    def __getitem__(self, key: K) -> V:
        value = self._changes[key] if key in self._changes else self._base[key]
        if value is _GONE:
            raise KeyError(key)
        return value

    def get(self, key: Any, default: Any = None) -> Any:
        if self._changes:
            value = self._changes.get(key, _MISSING)
            if value is not _MISSING:
                return default if value is _GONE else value
        return self._base.get(key, default)

    def __setitem__(self, key: K, value: V) -> None:
        self._changes[key] = value

    def __delitem__(self, key: K) -> None:
        if key not in self:
            raise KeyError(key)
        self._changes[key] = _GONE

    def __contains__(self, key: object) -> bool:
        if key in self._changes:
            return self._changes[key] is not _GONE  # type: ignore[index]
        return key in self._base

    def __iter__(self) -> Iterator[K]:
        return iter(self._merged())

    def __len__(self) -> int:
        return len(self._merged())

    def values(self) -> ValuesView[V]:
        return self._merged().values()

    def items(self) -> ItemsView[K, V]:
        return self._merged().items()

    def _merged(self) -> dict[K, V]:
        entries = dict(self._base.items())
        _apply(entries, self._changes)
        return entries


class Members(Set[K]):
    """A set with a history."""

    __slots__ = ("_members",)

    def __init__(self, members: Mapping[K, None] | None = None) -> None:
        self._members: Mapping[K, None] = members if members is not None else {}

    @staticmethod
    def of(members: Iterable[K]) -> "Members[K]":
        return members if isinstance(members, Members) else Members(dict.fromkeys(members))

    def changed(self, added: Iterable[K], removed: Iterable[K]) -> "Members[K]":
        """The set with the added ones, without the removed ones."""
        draft = Draft(self._members)
        for member in added:
            draft[member] = None
        for member in removed:
            draft.pop(member, None)
        members = draft.freeze()
        return self if members is self._members else Members(members)

    def __contains__(self, member: object) -> bool:
        return member in self._members

    def __iter__(self) -> Iterator[K]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    @classmethod
    def _from_iterable(cls, it: Iterable[Any]) -> frozenset[Any]:
        return frozenset(it)
