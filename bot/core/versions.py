"""Maps with a history: each change makes a new version, and the old ones stay readable, at the price of the change.

The newest version used holds the entries; the others hold what differs towards it (Baker's rerooting). A run of
ten thousand statements keeps a session for each, and reads them in order: every step costs what it changed.
"""

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, MutableMapping, Set, ValuesView
from typing import Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")
_GONE: Any = object()


class Versions(Mapping[K, V]):
    """One version; immutable to whoever reads it. Not for several threads."""

    __slots__ = ("_differs", "_entries", "_next")

    def __init__(self, entries: dict[K, V]) -> None:
        """Takes `entries` over: nobody else may change it."""
        self._entries: dict[K, V] | None = entries
        self._next: Versions[K, V] | None = None
        self._differs: dict[K, V] = {}

    def changed(self, changes: Mapping[K, V]) -> "Versions[K, V]":
        """The version after the changes; an entry is removed where a `Draft` says so."""
        entries = self._root()
        differs = {key: entries.get(key, _GONE) for key in changes}
        _apply(entries, changes)
        new = Versions(entries)
        self._entries, self._next, self._differs = None, new, differs
        return new

    def __getitem__(self, key: K) -> V:
        return self._root()[key]

    def __contains__(self, key: object) -> bool:  # type: ignore[missing-override-decorator]
        return key in self._root()

    def __iter__(self) -> Iterator[K]:
        # A list, since reading another version meanwhile changes the entries in place.
        return iter(list(self._root()))

    def __len__(self) -> int:
        return len(self._root())

    def keys(self) -> KeysView[K]:  # type: ignore[missing-override-decorator]
        return dict.fromkeys(self._root()).keys()

    def values(self) -> ValuesView[V]:  # type: ignore[missing-override-decorator]
        return dict(self._root()).values()

    def items(self) -> ItemsView[K, V]:  # type: ignore[missing-override-decorator]
        return dict(self._root()).items()

    def _root(self) -> dict[K, V]:
        """The entries, brought here from the version that has them."""
        if self._entries is not None:
            return self._entries
        path: list[Versions[K, V]] = [self]
        while (following := path[-1]._next) is not None:
            path.append(following)
        entries = path.pop()._entries
        assert entries is not None
        holder = self
        for version in reversed(path):
            holder = _turn(version, entries)
        return holder._entries if holder._entries is not None else entries


def _turn(version: Versions[K, V], entries: dict[K, V]) -> Versions[K, V]:
    """Makes `version` hold the entries, and the one after it what differs."""
    following = version._next
    assert following is not None
    back = {key: entries.get(key, _GONE) for key in version._differs}
    _apply(entries, version._differs)
    following._entries, following._next, following._differs = None, version, back
    version._entries, version._next = entries, None
    version._differs.clear()
    return version


def _apply(entries: dict[K, V], changes: Mapping[K, V]) -> None:
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
        self._changes: dict[K, V] = {}

    def freeze(self) -> Mapping[K, V]:
        """The next version; the same where nothing was changed."""
        if not self._changes:
            return self._base
        if isinstance(self._base, Versions):
            return self._base.changed(self._changes)
        entries = dict(self._base)
        _apply(entries, self._changes)
        return Versions(entries)

    @property
    def made(self) -> set[K]:
        """Keys that the base does not have."""
        return {key for key, value in self._changes.items() if value is not _GONE and key not in self._base}

    @property
    def gone(self) -> set[K]:
        """Keys that only the base has."""
        return {key for key, value in self._changes.items() if value is _GONE and key in self._base}

    def __getitem__(self, key: K) -> V:
        value = self._changes.get(key, self)
        if value is self:
            return self._base[key]
        if value is _GONE:
            raise KeyError(key)
        return value  # type: ignore[return-value]

    def __setitem__(self, key: K, value: V) -> None:
        self._changes[key] = value

    def __delitem__(self, key: K) -> None:
        if key not in self:
            raise KeyError(key)
        self._changes[key] = _GONE

    def __contains__(self, key: object) -> bool:  # type: ignore[missing-override-decorator]
        if key in self._changes:
            return self._changes[key] is not _GONE  # type: ignore[index]
        return key in self._base

    def __iter__(self) -> Iterator[K]:
        return iter(self._merged())

    def __len__(self) -> int:
        return len(self._merged())

    def values(self) -> ValuesView[V]:  # type: ignore[missing-override-decorator]
        return self._merged().values()

    def items(self) -> ItemsView[K, V]:  # type: ignore[missing-override-decorator]
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

    def changed(self, added: Iterable[K], removed: Iterable[K]) -> "Members[K]":
        """The set with the added ones, without the removed ones."""
        draft = Draft(self._members)
        for member in added:
            draft[member] = None
        for member in removed:
            draft.pop(member, None)
        members = draft.freeze()
        return self if members is self._members else Members(members)

    def __contains__(self, member: object) -> bool:  # type: ignore[missing-override-decorator]
        return member in self._members

    def __iter__(self) -> Iterator[K]:
        return iter(self._members)

    def __len__(self) -> int:
        return len(self._members)

    @classmethod
    def _from_iterable(cls, it: Iterable[Any]) -> frozenset[Any]:  # type: ignore[missing-override-decorator]
        return frozenset(it)
