"""Reads what a child answers. It read hostile text, so it may be in somebody else's hands: only plain values count.

A pickle can name any function of any module to be called. This reader knows no function: only containers, and the
values of this house (records, frozen dataclasses, enumerations) that do nothing when they are made.
"""

import io
import pickle
import sys
from dataclasses import is_dataclass
from enum import Enum
from importlib import import_module
from typing import Any

from typing_extensions import override

from bot.core import record
from bot.core.schema import versions

LARGEST_ANSWER = 512 * 1024 * 1024
"""Bytes; a longer answer is not read."""

_ROOMS = ("bot.core.", "bot.frameworks.", "bot.report.", "bot.review.")
_BUILTINS = frozenset({"set", "frozenset", "bytearray", "complex"})
_OTHERS: dict[tuple[str, str], type] = {
    (versions.__name__, name): getattr(versions, name) for name in ("Versions", "Members", "_GONE", "_MISSING")
}


class ForgedAnswer(Exception):
    """The answer names something that is no value of ours."""


def read_answer(answer: bytes) -> tuple[str, Any]:
    """The outcome and its value. Raises ForgedAnswer, whatever is wrong with the answer."""
    try:
        outcome, value = _Unpickler(io.BytesIO(answer)).load()
    except ForgedAnswer:
        raise
    except Exception as error:
        raise ForgedAnswer(f"{type(error).__name__}: {error}") from error
    if outcome not in ("result", "memory", "error"):
        raise ForgedAnswer(f"the outcome is {outcome!r:.60}")
    return outcome, value


class _Unpickler(pickle.Unpickler):
    @override
    def find_class(self, module: str, name: str) -> type:
        if module == "builtins" and name in _BUILTINS:
            found = getattr(sys.modules["builtins"], name)
        elif (module, name) in _OTHERS:
            found = _OTHERS[module, name]
        else:
            found = _value_class(module, name)
        return found

    @override
    def persistent_load(self, pid: object) -> object:
        raise ForgedAnswer(f"it names an object outside: {pid!r:.60}")


def _value_class(module: str, name: str) -> type:
    """The class, where it is one of ours whose values are only what they hold."""
    if not f"{module}.".startswith(_ROOMS) or "." in name:
        raise ForgedAnswer(f"{module}.{name} is not a value of ours")
    found = vars(import_module(module)).get(name)
    if not isinstance(found, type) or found.__module__ != module or not _is_value(found):
        raise ForgedAnswer(f"{module}.{name} is not a value of ours")
    return found


def _is_value(cls: type) -> bool:
    if issubclass(cls, Enum):
        return True
    if record.is_record(cls):
        return True
    frozen = is_dataclass(cls) and cls.__dataclass_params__.frozen  # type: ignore[attr-defined]
    return frozen and not any(name in vars(each) for each in cls.__mro__[:-1] for name in _ACTING)


_ACTING = ("__new__", "__post_init__", "__reduce__", "__reduce_ex__", "__del__", "__getattr__")
"""What a dataclass must not define: it would run while the answer is read."""
