"""Shapes of what the parent does with text of strangers, beside its event loop: reads an answer, and words an analysis.

The files were read and judged in the child; what is measured here is the rest.
"""

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.core.judging.analysis import Analysis
from bot.core.judging.framework import SourceFile
from bot.core.schema.asked import asked_by
from bot.report import explain
from bot.review.confined_answers import read_answer
from bot.rules import RULES
from tests.bounds import ordinary
from tests.bounds.shape import Shape, judge_files, word


@dataclass(frozen=True)
class _Judged:
    files: Sequence[SourceFile]
    analysis: Analysis

    @classmethod
    def of(cls, files: Sequence[SourceFile]) -> "_Judged":
        return cls(files, judge_files(files))

    def word(self) -> object:
        return asked_by(self.analysis.run), word(self.analysis, self.files)


def _answered(judged: _Judged) -> bytes:
    return pickle.dumps(("result", judged.analysis), protocol=pickle.HIGHEST_PROTOCOL)


_ONE = "migrations/1_a.sql"
_TEXTS: Mapping[str, Callable[[int], str]] = {
    "an ordinary file": ordinary.on_existing,
    "many dangers": lambda size: "".join(f"ALTER TABLE t{i} ALTER c TYPE bigint;\n" for i in range(size)),
    "many statements that are not read": lambda size: "".join(f"FROB t{i};\n" for i in range(size)),
    "many allows": lambda size: "".join(f"-- migsafe: allow drop-table old\nDROP TABLE t{i};\n" for i in range(size)),
    "a long statement": lambda size: f"ALTER TABLE t ADD CHECK (a > 1{' AND a > 1' * size});",
    "a wide table": lambda size: f"CREATE TABLE t (id int{''.join(f', c{i} text' for i in range(size))});",
    "a long name": lambda size: f"DROP TABLE {'a' * size};",
    "many long names": lambda size: "".join(f'DROP TABLE "{"`*_" * 20}{i}";\n' for i in range(size)),
    "marks of Markdown": lambda size: f'DROP TABLE "{"`*_[](<" * size}";',
    "many columns dropped": lambda size: f"ALTER TABLE t DROP a{''.join(f', DROP c{i}' for i in range(size))};",
}


def _many_files(size: int) -> Sequence[SourceFile]:
    return [SourceFile(f"migrations/{i}_a.sql", f"ALTER TABLE t{i} ALTER c TYPE bigint;\n") for i in range(size)]


_TOPICS = {
    "blanks": ("drop", " ", "table"),
    "dashes": ("drop", "-", "table"),
    "rule names": ("", "drop-table ", ""),
    "letters": ("", "a", ""),
    "ticks": ("", "`", ""),
    "locks": ("", "ACCESS EXCLUSIVE LOCK MODE ", ""),
}


def _explain_topic(topic: str) -> object:
    return explain.resolve(topic, RULES), explain.rule_meant(topic, RULES), explain.unknown_topic(topic, RULES)


def parent_shapes() -> Iterator[Shape]:
    for name, text in _TEXTS.items():

        def make(size: int, text: Callable[[int], str] = text) -> _Judged:
            return _Judged.of([SourceFile(_ONE, text(size))])

        yield Shape(f"words: {name}", make, _Judged.word, start=16, most=4096)
    yield Shape("words: many files", lambda size: _Judged.of(_many_files(size)), _Judged.word, start=16, most=1024)
    yield Shape("answer: many files", lambda size: _answered(_Judged.of(_many_files(size))), read_answer, 16, 1024)
    yield Shape(
        "answer: an ordinary file",
        lambda size: _answered(_Judged.of([SourceFile(_ONE, ordinary.on_existing(size))])),
        read_answer,
        16,
        4096,
    )
    for name, (before, part, after) in _TOPICS.items():

        def topic(size: int, made: tuple[str, str, str] = (before, part, after)) -> str:
            return made[0] + made[1] * size + made[2]

        yield Shape(f"topic: {name}", topic, _explain_topic)
