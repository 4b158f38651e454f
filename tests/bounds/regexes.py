"""Every regular expression of `bot`, and strings that make one slow if anything does.

A matcher that backtracks is slow where two repetitions can take the same characters, or where a search begins anew at
each of them. So for each repetition the strings have what leads to it, then very many of what it takes, or of what it
and another take, and then what cannot follow.
"""

import ast
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import combinations
from pathlib import Path
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

import bot

_ROOT = Path(bot.__file__).parents[1]
_METHODS = frozenset({"match", "fullmatch", "search", "findall", "finditer", "sub", "subn", "split"})
_ANCHORED = frozenset({"match", "fullmatch"})
_ALPHABET = "".join(map(chr, range(1, 127))) + "\xa0\u00e9\ue000\ue001"
_MANY = 100
"""A repetition that may be longer than this counts as one without an end."""


@dataclass(frozen=True)
class Regex:
    """`methods` are those by which it is used; `where` is its file and line."""

    where: str
    pattern: re.Pattern[Any]
    methods: frozenset[str]

    @property
    def text(self) -> str:
        return self.pattern.pattern if isinstance(self.pattern.pattern, str) else self.pattern.pattern.decode("latin-1")


def all_regexes() -> Iterator[Regex]:
    for path in sorted((_ROOT / "bot").rglob("*.py")):
        if path.name != "__main__.py":
            yield from _regexes_of(path)


def _regexes_of(path: Path) -> Iterator[Regex]:
    where, source = path.relative_to(_ROOT), path.read_text()
    tree = ast.parse(source)
    module = import_module(".".join(where.with_suffix("").parts).removesuffix(".__init__"))
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        for name in (one.id for one in targets if isinstance(one, ast.Name)):
            for pattern in _patterns_in(getattr(module, name, None)):
                yield Regex(f"{where}:{node.lineno} {name}", pattern, _uses_of(name, source))
            for text in _texts_in(getattr(module, name)) if (str(where), name) in _TEXTS else ():
                yield Regex(f"{where}:{node.lineno} {name}", re.compile(text), frozenset({"search"}))
    for call in ast.walk(tree):
        match call:
            case ast.Call(func=ast.Attribute(value=ast.Name("re"), attr=method), args=[written, *_]) if (
                method in _METHODS
            ):
                pattern = _evaluated(written, module)
                flags = sum(_evaluated(one.value, module) for one in call.keywords if one.arg == "flags")
                if pattern is not None:
                    yield Regex(f"{where}:{call.lineno}", re.compile(pattern, flags), frozenset({method}))


_TEXTS = {
    ("bot/frameworks/rails/inflections.py", "_PLURALS"),
    ("bot/frameworks/rails/inflections.py", "_SINGULARS"),
    ("bot/review/databases.py", "_DRIVERS"),
}
"""Regular expressions that are kept as text."""


def _patterns_in(value: object) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple | list | frozenset | set):
        for one in value:
            yield from _patterns_in(one)
    elif isinstance(value, dict):
        yield from _patterns_in([*value.keys(), *value.values()])


def _texts_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        yield from (
            _texts_in(value[0])
            if value and isinstance(value[0], str)
            else (text for one in value for text in _texts_in(one))
        )
        yield from _texts_in(value[1]) if len(value) > 1 and isinstance(value[1], dict) else ()
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _texts_in(one) if isinstance(one, tuple) else iter([name])


def _evaluated(node: ast.expr, module: Any) -> Any:
    """The value of an expression of constants; None for what is made at run time."""
    try:
        return eval(compile(ast.Expression(node), "regex", "eval"), {"re": re}, vars(module))
    except NameError:
        return None


_MATCHED = frozenset({"_PLAIN_END", "_ESCAPE_END"})
"""Those that are given another name before they are used."""


def _uses_of(name: str, source: str) -> frozenset[str]:
    """The methods that are called on it in its own file; all where it is used in another way, or elsewhere."""
    if name in _MATCHED:
        return frozenset({"match"})
    used = {use[1] or "" for use in re.finditer(rf"(?<!\w){name}\b(?:\.(\w+))?(?! = |: )", source)}
    methods = frozenset(used & _METHODS)
    return methods if methods and name.startswith("_") and used <= {*_METHODS, "pattern"} else _METHODS


def attacks(regex: Regex) -> Iterator[tuple[str, str, str]]:
    """Beginning, the part that is repeated, and end of strings that it may be slow on."""
    loops = list(_loops(_tree(regex), ""))
    parts = {part for loop in loops for part in _samples(loop.body)}
    parts |= {part + after for loop in loops for part in _samples(loop.body)[:3] for after in loop.after}
    parts |= {loop.before + part + end for loop in loops for part in _samples(loop.body)[:2] for end in ("", " ")}
    for one, other in combinations(loops, 2):
        parts.update(sorted(_characters(one.body) & _characters(other.body))[:4])
    for lead in dict.fromkeys(("", *(loop.before for loop in loops))):
        for part in sorted(filter(None, parts)):
            for end in ("", "\0", "\n", "x\0"):
                yield lead, part, end


def _tree(regex: Regex) -> Any:
    return parser.parse(
        regex.pattern.pattern, regex.pattern.flags & ~(0 if isinstance(regex.pattern.pattern, str) else re.UNICODE)
    )


@dataclass(frozen=True)
class _Loop:
    """A repetition without an end: what it repeats, what may stand before it, and what after it."""

    before: str
    body: Any
    after: tuple[str, ...] = ()


def _loops(tree: Any, before: str) -> Iterator[_Loop]:
    for at, (operator, value) in enumerate(tree):
        match operator:
            case codes.MAX_REPEAT | codes.MIN_REPEAT | codes.POSSESSIVE_REPEAT:
                _, most, body = value
                if most == codes.MAXREPEAT or most > _MANY:
                    following = (_samples(tree[at + 1 : end])[:1] for end in range(at + 2, len(tree) + 1))
                    yield _Loop(before, body, tuple(dict.fromkeys(one for found in following for one in found)))
                else:
                    inner = list(_loops(body, before))
                    after = _samples(tree[at + 1 :])[:1]
                    yield from (replace(loop, after=(*loop.after, *after)) for loop in inner)
                    yield _Loop(before, body, tuple(after))
                yield from _loops(body, before)
            case codes.SUBPATTERN:
                yield from _loops(value[3], before)
            case codes.ATOMIC_GROUP:
                yield from _loops(value, before)
            case codes.ASSERT | codes.ASSERT_NOT:
                yield from _loops(value[1], before)
            case codes.BRANCH:
                for branch in value[1]:
                    yield from _loops(branch, before)
            case _:
                pass
        before += next(iter(_samples([(operator, value)])), "")


def _samples(tree: Any) -> list[str]:
    """A few strings that fit."""
    found = [""]
    for operator, value in tree:
        match operator:
            case codes.MAX_REPEAT | codes.MIN_REPEAT | codes.POSSESSIVE_REPEAT:
                least, most, body = value
                one = [sample * max(least, 1) for sample in _samples(body)]
                parts = one if most else [""]
            case codes.SUBPATTERN:
                parts = _samples(value[3])
            case codes.ATOMIC_GROUP:
                parts = _samples(value)
            case codes.BRANCH:
                parts = [sample for branch in value[1] for sample in _samples(branch)]
            case codes.AT | codes.ASSERT | codes.ASSERT_NOT | codes.GROUPREF | codes.GROUPREF_EXISTS:
                parts = [""]
            case _:
                fit = sorted(_characters([(operator, value)]))
                parts = [*fit[:2], *fit[-2:], *(one for one in " a1_\"'/.\n" if one in fit)] or [""]
        found = [start + part for start in found[:6] for part in dict.fromkeys(parts)]
    return list(dict.fromkeys(found))[:12]


def _characters(tree: Any) -> frozenset[str]:
    """The characters of which what fits consists."""
    found: set[str] = set()
    for operator, value in tree:
        match operator:
            case codes.MAX_REPEAT | codes.MIN_REPEAT | codes.POSSESSIVE_REPEAT:
                found |= _characters(value[2])
            case codes.SUBPATTERN:
                found |= _characters(value[3])
            case codes.ATOMIC_GROUP:
                found |= _characters(value)
            case codes.BRANCH:
                found |= {one for branch in value[1] for one in _characters(branch)}
            case codes.LITERAL:
                found.add(chr(value))
            case codes.NOT_LITERAL:
                found |= set(_ALPHABET) - {chr(value)}
            case codes.ANY:
                found |= set(_ALPHABET)
            case codes.IN:
                found |= _in_class(value)
            case _:
                pass
    return frozenset(found)


def _in_class(members: Any) -> set[str]:
    found: set[str] = set()
    for operator, value in members:
        match operator:
            case codes.LITERAL:
                found.add(chr(value))
            case codes.RANGE:
                found |= {one for one in _ALPHABET if value[0] <= ord(one) <= value[1]}
            case codes.CATEGORY:
                found |= {one for one in _ALPHABET if _CATEGORIES[value].match(one)}
            case _:
                pass
    return set(_ALPHABET) - found if (codes.NEGATE, None) in members else found


_CATEGORIES = {
    codes.CATEGORY_DIGIT: re.compile(r"\d"),
    codes.CATEGORY_NOT_DIGIT: re.compile(r"\D"),
    codes.CATEGORY_SPACE: re.compile(r"\s"),
    codes.CATEGORY_NOT_SPACE: re.compile(r"\S"),
    codes.CATEGORY_WORD: re.compile(r"\w"),
    codes.CATEGORY_NOT_WORD: re.compile(r"\W"),
}


def take(regex: Regex, text: str) -> None:
    """Uses it in each way in which the code does."""
    subject: Any = text.encode("latin-1", "replace") if isinstance(regex.pattern.pattern, bytes) else text
    anchored = regex.methods & _ANCHORED
    for method in anchored:
        getattr(regex.pattern, method)(subject)
    if regex.methods - _ANCHORED:
        for _ in regex.pattern.finditer(subject):
            pass


_LONG = 16_000
"""Characters: enough for what grows with the square to take a tenth of a second, and for what is linear nothing."""
_NOTICED = 0.02
"""Seconds."""


def slowest(regex: Regex) -> tuple[str, str, str] | None:
    """A string on which the time grows faster than its length; None if there is none among those that are tried."""
    for lead, part, end in attacks(regex):
        long, short = (f"{lead}{part * (length // len(part))}{end}" for length in (_LONG, _LONG // 4))
        if _seconds(regex, long) > _NOTICED:
            taken = min(_seconds(regex, long) for _ in range(2))
            if taken > _NOTICED and taken > 7 * min(_seconds(regex, short) for _ in range(2)):
                return lead, part, end
    return None


def _seconds(regex: Regex, text: str) -> float:
    begun = time.process_time()
    take(regex, text)
    return time.process_time() - begun
