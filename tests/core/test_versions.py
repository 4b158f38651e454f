"""Maps with a history: every version stays what it was, whichever is read, in whatever order."""

from hypothesis import given
from hypothesis import strategies as st

from bot.core.schema.versions import Draft, Members, Versions

_CHANGES = st.lists(
    st.lists(st.tuples(st.integers(0, 5), st.one_of(st.none(), st.integers())), max_size=4), max_size=12
)


@given(steps=_CHANGES, reading=st.lists(st.integers(0, 12), max_size=20), branches=st.booleans())
def test_every_version_stays_what_it_was(
    steps: list[list[tuple[int, int | None]]], reading: list[int], *, branches: bool
) -> None:
    versions = [Versions[int, int]({})]
    expected: list[dict[int, int]] = [{}]
    for number, step in enumerate(steps):
        start = number // 2 if branches else -1
        draft, plain = Draft(versions[start]), dict(expected[start])
        for key, value in step:
            if value is None:
                draft.pop(key, None)
                plain.pop(key, None)
            else:
                draft[key] = plain[key] = value
        assert dict(draft.items()) == plain
        assert draft.added == plain.keys() - expected[start].keys()
        assert draft.removed == expected[start].keys() - plain.keys()
        frozen = draft.freeze()
        assert isinstance(frozen, Versions)
        versions.append(frozen)
        expected.append(plain)
    for number in [*reading, *range(len(versions))]:
        if number < len(versions):
            assert dict(versions[number].items()) == expected[number]
            assert len(versions[number]) == len(expected[number])


def test_a_version_may_be_read_while_another_is_iterated() -> None:
    old = Versions({1: 1, 2: 2})
    new = old.changed({3: 3})
    assert [(key, value, 3 in old) for key, value in new.items()] == [(1, 1, False), (2, 2, False), (3, 3, False)]


def test_a_set_with_a_history_is_a_set() -> None:
    one = Members[str]().changed(["a", "b"], [])
    two = one.changed(["c"], ["a"])
    assert one == {"a", "b"}
    assert two == {"b", "c"}
    assert two - one == {"c"}
    assert one.changed(["a"], []) == one
