"""DO blocks: one that does its statements one after the other can be taken apart, and its statements leave it; one that
does its only statement under a condition gives the condition to each step that takes the statement's place.
"""

import re
from collections.abc import Sequence

from bot.core.judging.findings import Step, StepKind
from bot.core.language import operations as op
from bot.core.language.migrations import Migration, Statement
from bot.core.language.naming import constraint_named
from bot.core.record import record, replace
from bot.frameworks.sql_files.convention import Convention, Edit
from bot.frameworks.sql_files.suggestions import deletion_of, indent_at
from bot.sql import read_script, write_statement

_BODY = re.compile(r"\s*BEGIN\b(?P<body>.*)\bEND\b\s*+;?+\s*+", re.IGNORECASE | re.DOTALL)


@record
class TakenApart:
    """The block at `index`, its statements `members`, and those that stay in its place, as SQL."""

    index: int
    members: tuple[int, ...]
    kept: tuple[str, ...]

    def edit(self, convention: Convention, like: Migration) -> Edit:
        block = like.statements[self.index]
        gone = deletion_of(like.text, block)
        if not self.kept:
            return gone
        indent = indent_at(like.text, block.start)
        text = f";{convention.between}\n{indent}".join(convention.escape(one) for one in self.kept)
        behind = re.compile(r"\s*;").match(like.text, block.end)
        return Edit(block.start, behind.end() if behind else block.end, f"{text};")


def statements_in(like: Migration, index: int) -> tuple[int, ...]:
    """The statements of the DO block, none where it decides, repeats, or does anything that was not read."""
    match like.statements[index].operations:
        case (op.Do(language="plpgsql", body=body, commits=False),):
            found = _BODY.fullmatch(body)
        case _:
            found = None
    if found is None or like.statements[index].inside is not None:
        return ()
    members: list[int] = []
    for at in range(index + 1, len(like.statements)):
        if like.statements[at].inside is None:
            break
        members.append(at)
    inside = [like.statements[at] for at in members]
    return tuple(members) if _is_all(found["body"], inside) else ()


def guarded_steps(like: Migration, index: int, steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps for the only statement of a block that does it unless it is there, by a condition that names it.

    () where the block is another, or a step that may come twice would fail. What adds the constraint is under the
    same condition; an index is built, and a constraint validated, as often as that is asked.
    """
    parts = _around(like, index) if steps else None
    if parts is None:
        return ()
    made = [_guarded(step, *parts) for step in steps]
    return tuple(one for one in made if one is not None) if None not in made else ()


_CONDITION = re.compile(r"\s*BEGIN\s+(?:IF\b(?P<test>[^;]*)\bTHEN\s+)?(?:--[^\n]*\s*)*", re.IGNORECASE)
_PASSED_OVER = re.compile(
    r"\s*;\s*(?:END\s+IF\s*;\s*)?(?:EXCEPTION\s+WHEN\s+duplicate_\w+(?:\s+OR\s+duplicate_\w+)*\s+THEN\s+(?:NULL|RAISE\s+NOTICE[^;]*)\s*;\s*)?END\s*;?\s*",
    re.IGNORECASE,
)
_ADDS = op.AddForeignKey | op.AddCheck | op.AddUnique | op.AddPrimaryKey


def _around(like: Migration, index: int) -> tuple[str, str] | None:
    """What stands in the block before and after its only statement."""
    block = like.statements[index]
    match block.operations:
        case (op.Do(language="plpgsql", body=body, commits=False),):
            members = [one for one in like.statements[index + 1 : index + 3] if one.inside is not None]
        case _:
            return None
    opening = like.text.find(body, block.start, block.end)
    if block.inside is not None or len(members) != 1 or opening < 0:
        return None
    inner = members[0]
    head = like.text[opening : inner.start]
    tail = like.text[inner.end : opening + len(body)].removeprefix(";") if inner.end else ""
    condition = _CONDITION.fullmatch(head)
    if condition is None or _PASSED_OVER.fullmatch(f";{tail}") is None:
        return None
    operation = inner.operations[0]
    name = operation.index if isinstance(operation, op.CreateIndex) else constraint_named(operation)
    return (head, tail) if name and name in (condition["test"] or name) else None


def _guarded(step: Step, head: str, tail: str) -> Step | None:
    match step:
        case Step(kind=StepKind.MIGRATION, transactional=True, operations=(op.ValidateConstraint() | op.Analyze(),)):
            return step
        case Step(kind=StepKind.MIGRATION, operations=(op.CreateIndex(index=str(), concurrently=True) as built,)):
            return replace(step, operations=(replace(built, if_not_exists=True),))
        case Step(kind=StepKind.MIGRATION, transactional=True, operations=(operation,)) if isinstance(operation, _ADDS):
            body = f"{head}{write_statement([operation])};{tail}"
            return replace(step, operations=(op.Do(body=body),))
        case _:
            return None


def _is_all(body: str, inside: Sequence[Statement]) -> bool:
    """Whether the body says these statements, and nothing besides."""
    alone = read_script(body).statements
    return len(alone) == len(inside) and all(
        one.operations == other.operations and not isinstance(one.operations[0], op.Unread)
        for one, other in zip(alone, inside, strict=True)
    )
