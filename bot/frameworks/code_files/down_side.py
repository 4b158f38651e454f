"""The way back as a file of code writes it: the calls of its own function, or what reverts those of the way up."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.core.judging.framework import Files, SourceFile
from bot.core.language import operations as op
from bot.core.language.migrations import Migration
from bot.frameworks.code_files.spelling import Spelling, WayBack
from bot.frameworks.code_files.writing import Reader
from bot.frameworks.sql_files.convention import NO_EDIT, Edit
from bot.frameworks.sql_files.down_side import Undoing
from bot.frameworks.sql_files.suggestions import indent_at


@dataclass(slots=True)
class WrittenCode:
    """See `bot.frameworks.sql_files.down_side.WrittenDown`. Where the tool itself reverts the calls of the way up, the
    statements only tell what that would do: `edited` is false, and no place in the file is theirs."""

    spelling: Spelling
    like: Migration
    statements: Sequence[Undoing] = field(init=False)
    edited: bool = field(init=False, default=False)
    heads: Sequence[int] = ()
    mark: str = ""
    alone: bool = False

    @property
    def text(self) -> str:
        return self.like.text

    @classmethod
    def of(cls, spelling: Spelling, read: Reader, like: Migration) -> "WrittenCode":
        written = cls(spelling, like)
        back = spelling.way_back()
        found = _calls(back, read, like) if back is not None else {}
        spans = {at: at if generated else spelling.around(*at) for at, (_, generated) in found.items()}
        written.edited = back is not None and back.edited and None not in spans.values()
        written.statements = [Undoing(*(spans[at] or at), operations) for at, (operations, _) in found.items()]
        return written

    def written(self, operations: Sequence[op.Operation], place: int, *, outside: bool) -> str:
        calls: list[str] = []
        for operation in operations:
            own = self.spelling.calls((operation,))
            concurrent = isinstance(operation, op.CreateIndex | op.DropIndex) and operation.concurrently and outside
            calls += (self.spelling.outside(own) or own) if concurrent else own
        indent = indent_at(self.like.text, place)
        return f"\n{indent}".join("\n".join(self.spelling.placed(calls, place, ())).split("\n"))

    def span(self, statement: Undoing) -> tuple[int, int]:
        return statement.start, statement.end

    def deletion(self, statement: Undoing, *, last: bool) -> Edit:
        if last and self.spelling.nothing:
            return Edit(statement.start, statement.end, self.spelling.nothing)
        text = self.like.text
        begin, end = text.rfind("\n", 0, statement.start) + 1, text.find("\n", statement.end)
        return Edit(begin, len(text) if end < 0 else end + 1, "")

    def unwrap(self) -> Edit:
        return NO_EDIT


def _calls(
    back: WayBack, read: Reader, like: Migration
) -> dict[tuple[int, int], tuple[tuple[op.Operation, ...], bool]]:
    """What is sent from which characters, and whether a call of the library makes it; none if one is not understood."""
    run = read(Files(changed=[SourceFile(like.path, back.text)]))
    found: dict[tuple[int, int], tuple[tuple[op.Operation, ...], bool]] = {}
    for one in run.migrations[0].statements if run.migrations else ():
        if isinstance(one.operations[0], op.Unread):
            return {}
        before, _ = found.get((one.start, one.end), ((), True))
        found[one.start, one.end] = (*before, *one.operations), one.generated
    return found
