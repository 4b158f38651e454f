"""Recognises one more row for the same INSERT: a dump has thousands, and only the first is read in full.

An INSERT of one row of constants differs from the one before it only in its values. Where the text before
VALUES is the same, so is the operation except for them: one pattern replaces tokens and grammar.
"""

import re
from dataclasses import dataclass, field, replace

from bot.core.language import operations as op
from bot.sql.text.splitter import Cut, LiteralKind, Piece

_CONSTANT = r"(?:'[^']*'|-?[0-9]+(?:\.[0-9]+)?|null|true|false|default)"
_ONE_ROW = re.compile(
    rf"(insert\s++into\s++[^'()]*(?:\([^'()]*\)\s*)?)(values\s*\(\s*{_CONSTANT}(?:\s*,\s*{_CONSTANT})*\s*\))",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Repeated:
    """INSERTs of one row of constants already read, by the text before their VALUES, verbatim."""

    known: dict[str, op.Insert] = field(default_factory=dict)

    def look_up(self, cut: Cut, piece: Piece) -> tuple[str, op.Insert | None]:
        """The text before VALUES, "" where this is not such an INSERT; and the operation, if known."""
        found = _ONE_ROW.fullmatch(cut.masked, piece.start, piece.end)
        if found is None or piece.trouble or piece.command:
            return "", None
        header = cut.text[piece.start : found.end(1)]
        template = self.known.get(header)
        if template is None:
            return header, None
        literals = cut.literals_between(found.start(2), piece.end)
        if any(literal.kind is not LiteralKind.PLAIN for literal in literals):
            return "", None
        return header, replace(template, values=cut.text[found.start(2) : piece.end])

    def learn(self, header: str, operations: tuple[op.Operation, ...]) -> None:
        if header and len(operations) == 1 and isinstance(operations[0], op.Insert) and operations[0].rows == 1:
            self.known[header] = operations[0]
