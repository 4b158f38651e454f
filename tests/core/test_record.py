"""`@record` behaves as a frozen dataclass with slots does, and costs less to define."""

import copy
import pickle
from collections.abc import Mapping
from dataclasses import FrozenInstanceError, dataclass, field, fields, is_dataclass, replace
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core import record as records
from bot.core.record import record


@record
class Point:
    """Where it is."""

    x: int
    y: int = 0
    label: str = field(default="", repr=False)
    seen: Mapping[str, int] = field(default_factory=dict)
    axes: ClassVar[int] = 2

    @property
    def size(self) -> int:
        return abs(self.x) + abs(self.y)


@dataclass(frozen=True, slots=True)
class Plain:
    x: int
    y: int = 0
    label: str = field(default="", repr=False)
    seen: Mapping[str, int] = field(default_factory=dict)


@record
class Nothing: ...


@record
class One:
    value: object


@record
class Ordered:
    rank: int

    def __lt__(self, other: "Ordered") -> bool:
        return self.rank < other.rank

    def __repr__(self) -> str:
        return f"number {self.rank}"


def test_takes_its_fields_by_position_or_name_and_fills_in_defaults() -> None:
    assert (Point(1).x, Point(1).y, Point(1, 2).y, Point(y=3, x=1).y) == (1, 0, 2, 3)
    assert Point(1).seen == {}
    assert Point(1).seen is not Point(1).seen
    assert Point(1).size == 1


@pytest.mark.parametrize("arguments", [(), (1, 2, "", {}, 5)])
def test_wrong_arguments_are_a_type_error_that_names_the_class(arguments: tuple[object, ...]) -> None:
    with pytest.raises(TypeError, match=r"Point\.__init__"):
        Point(*arguments)  # type: ignore[arg-type]


def test_an_unknown_field_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="colour"):
        Point(1, colour="red")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="Point has no field colour"):
        records.replace(Point(1), colour="red")


def test_the_first_instance_may_come_from_any_class() -> None:
    """`__init__` is compiled at the first call, separately for each class."""
    assert (One(1).value, One(value=2).value) == (1, 2)
    assert Nothing() == Nothing()
    assert One(1) != Nothing()


def test_nothing_can_be_changed_added_or_deleted() -> None:
    point = Point(1)
    with pytest.raises(FrozenInstanceError):
        point.x = 2  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del point.x  # pyrefly: ignore[read-only]
    with pytest.raises(FrozenInstanceError):
        point.colour = "red"  # type: ignore[attr-defined]
    assert not hasattr(point, "__dict__")


def test_equality_and_hash_follow_the_values_and_the_class() -> None:
    assert One(1) == One(1) != One(2)
    assert len({One(1), One(1), One(2)}) == 2
    assert Point(1) != Plain(1)
    assert One((1, 2)) != (1, 2)


def test_is_shown_by_its_values_without_those_that_are_not_to_be_shown() -> None:
    assert repr(Point(1, label="secret")) == "Point(x=1, y=0, seen={})"
    assert repr(Nothing()) == "Nothing()"


def test_methods_of_the_class_win() -> None:
    assert repr(Ordered(1)) == "number 1"
    assert Ordered(1) < Ordered(2)


def test_is_a_dataclass_for_the_standard_library() -> None:
    assert is_dataclass(Point)
    assert [one.name for one in fields(Point)] == ["x", "y", "label", "seen"]
    assert replace(Point(1), y=5) == Point(1, 5)
    match Point(1, 2):
        case Point(x, y):
            assert (x, y) == (1, 2)


def test_keeps_its_documentation_or_has_none() -> None:
    assert Point.__doc__ == "Where it is."
    assert Nothing.__doc__ is None


def test_survives_copies_and_the_way_to_another_process() -> None:
    point = Point(1, 2, "a", {"b": 3})
    assert pickle.loads(pickle.dumps(point)) == copy.copy(point) == copy.deepcopy(point) == point


@given(st.integers(), st.integers(), st.text(), st.dictionaries(st.text(), st.integers()))
def test_agrees_with_a_dataclass(x: int, y: int, label: str, seen: dict[str, int]) -> None:
    nothing: dict[str, int] = {}
    values, other = (x, y, label, seen), (x, y, label, nothing)
    assert (Point(*values) == Point(*other)) == (Plain(*values) == Plain(*other))
    assert repr(Point(*values)).removeprefix("Point") == repr(Plain(*values)).removeprefix("Plain")
    changed = records.replace(Point(*values), y=7)
    assert (changed.x, changed.y, changed.label, changed.seen) == (x, 7, label, seen)
