"""`@record`: a frozen dataclass with slots whose methods cost nothing until they are used.

Every value that does not change, and that a `migsafe check` imports, is a record, and is copied with this module's
`replace`. A dataclass stands where something is changed (what an ALTER TABLE has still to do), where values are sorted
(`Name`), and in rooms that a check does not import.

`@dataclass` writes and compiles six methods for each class when it is defined, 0.7 ms a class on the machine this was
measured on, which for the vocabulary of the core is a third of what `migsafe check` may take to start. Here fields,
`replace`, `match` and slots are the dataclass's own; `__init__` is compiled at the first call, and the others are
common to all records.
"""

import dataclasses
from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(dataclasses.field,))
def record(cls: type[T]) -> type[T]:
    """Makes a frozen, comparable, hashable class with slots of annotated fields, as `@dataclass` would."""
    documented = cls.__doc__ is not None
    if not documented:
        # Without a text `dataclass` would make one of the signature, which takes longer than all the rest.
        cls.__doc__ = cls.__name__
    made = dataclasses.dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    if not documented:
        made.__doc__ = None
    names = tuple(field.name for field in dataclasses.fields(made))  # type: ignore[arg-type]
    methods: dict[str, Any] = {
        "__init__": _first_init,
        "__repr__": _repr,
        "__eq__": _eq,
        "__hash__": _hash,
        "__setattr__": _frozen,
        "__delattr__": _frozen,
        "__getstate__": _state,
        "__setstate__": _restore,
    }
    for name, method in methods.items():
        if name not in cls.__dict__ or (name in ("__eq__", "__hash__") and cls.__dict__[name] is None):
            setattr(made, name, method)
    _VALUES[made] = _getter(names)
    _NAMES[made] = names
    return made


def replace(original: T, /, **changes: Any) -> T:
    """As `dataclasses.replace`, but for records, and in a tenth of the time."""
    cls = type(original)
    names = _NAMES[cls]
    values = dict(zip(names, _VALUES[cls](original), strict=True))
    values.update(changes)
    if len(values) != len(names):
        raise TypeError(f"{cls.__qualname__} has no field {', '.join(sorted(changes.keys() - set(names)))}")
    new: T = object.__new__(cls)
    for name, value in values.items():
        _set(new, name, value)
    return new


_NAMES: dict[type, tuple[str, ...]] = {}
_VALUES: dict[type, Callable[[Any], tuple[Any, ...]]] = {}
_set = object.__setattr__


def _getter(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    match len(names):
        case 0:
            return lambda _: ()
        case 1:
            get = attrgetter(names[0])
            return lambda one: (get(one),)
        case _:
            return attrgetter(*names)


def _first_init(self: Any, *args: Any, **kwargs: Any) -> None:
    """Compiles the class's own `__init__`, puts it in this one's place and calls it."""
    cls = type(self)
    init = _compiled(cls)
    cls.__init__ = init
    init(self, *args, **kwargs)


def _compiled(cls: Any) -> Callable[..., None]:
    known: dict[str, Any] = {"_set": _set}
    parameters = ["self"]
    body: list[str] = []
    for position, field in enumerate(dataclasses.fields(cls)):
        if field.default is not dataclasses.MISSING:
            known[f"_default{position}"] = field.default
            parameters.append(f"{field.name}=_default{position}")
            value = field.name
        elif field.default_factory is not dataclasses.MISSING:
            known[f"_factory{position}"] = field.default_factory
            known["_missing"] = dataclasses.MISSING
            parameters.append(f"{field.name}=_missing")
            value = f"_factory{position}() if {field.name} is _missing else {field.name}"
        else:
            parameters.append(field.name)
            value = field.name
        body.append(f" _set(self, {field.name!r}, {value})")
    # The names are those of the class's own annotations: nothing from outside is compiled.
    exec(f"def __init__({', '.join(parameters)}):\n" + ("\n".join(body) or " pass"), known)
    init: Callable[..., None] = known["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init


def _repr(self: Any) -> str:
    shown = (f"{field.name}={getattr(self, field.name)!r}" for field in dataclasses.fields(self) if field.repr)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _eq(self: Any, other: object) -> bool:
    if self is other:
        return True
    if type(other) is not type(self):
        return NotImplemented
    values = _VALUES[type(self)]
    return values(self) == values(other)


def _hash(self: Any) -> int:
    return hash(_VALUES[type(self)](self))


def _frozen(self: Any, name: str, *_: Any) -> None:
    raise dataclasses.FrozenInstanceError(f"cannot change field {name!r} of a {type(self).__qualname__}")


def _state(self: Any) -> list[Any]:
    return list(_VALUES[type(self)](self))


def _restore(self: Any, state: list[Any]) -> None:
    for name, value in zip(_NAMES[type(self)], state, strict=True):
        _set(self, name, value)


def fields_of(cls: type) -> tuple[str, ...]:
    """The names of the fields of a class that `record` made; none of any other."""
    return _NAMES.get(cls, ())


def is_record(cls: type) -> bool:
    """Whether the class itself was made by `record`."""
    return cls in _NAMES
