"""The SQL inside a PL/pgSQL body: static statements are found, statements built at run time are named.

Manual: https://www.postgresql.org/docs/current/plpgsql.html
"""

import re

from bot.core.record import record
from bot.sql.text.splitter import Cut, cut
from bot.sql.text.tokens import OPERATOR, STRING, WORD, Tokens, Unreadable, tokens_of

_SQL_VERBS = frozenset(
    """
    ALTER ANALYZE CALL CLUSTER COMMENT COMMIT COPY CREATE DELETE DISCARD DO DROP EXPLAIN GRANT IMPORT INSERT LOCK
    MERGE NOTIFY REASSIGN REFRESH REINDEX RESET REVOKE ROLLBACK SECURITY SELECT SET TRUNCATE UPDATE VACUUM VALUES WITH
    """.split()
)
_BLOCK_WORDS = frozenset(("BEGIN", "LOOP", "ELSE", "THEN", "EXCEPTION", ";"))
_COMMITS = re.compile(r"\b(?:COMMIT|ROLLBACK)\b", re.IGNORECASE)


@record
class Inner:
    """A statement in a body, by its offsets there. `sql` is what PostgreSQL runs, None where `trouble` says why not."""

    start: int
    end: int
    sql: str | None
    trouble: str = ""


def commits(body: str) -> bool:
    """Whether the body ends transactions itself."""
    if not _COMMITS.search(body):
        return False
    return any(inner.sql and inner.sql.split(None, 1)[0].upper() in ("COMMIT", "ROLLBACK") for inner in inside(body))


def inside(body: str) -> list[Inner]:
    """The SQL statements of a body, in their order; never raises."""
    pieces = cut(body, psql=False)
    try:
        found = tokens_of(pieces, 0, len(body))
    except Unreadable as problem:
        return [Inner(0, len(body), None, f"the body of the block cannot be read: {problem}")]
    broken = next((piece for piece in pieces.pieces if piece.trouble and "parenthesis" not in piece.trouble), None)
    inner = _Body(pieces, found).statements()
    if broken is not None:
        inner.append(Inner(broken.start, broken.end, None, f"the body of the block cannot be read: {broken.trouble}"))
    return inner


class _Body:
    """One pass over the tokens of a body."""

    __slots__ = ("_at", "_cut", "_found", "_size", "_tokens")

    def __init__(self, pieces: Cut, tokens: Tokens) -> None:
        self._cut = pieces
        self._tokens = tokens
        self._at = 0
        self._size = len(tokens.words) - 8
        self._found: list[Inner] = []

    def statements(self) -> list[Inner]:
        words = self._tokens.words
        while self._at < self._size:
            word = words[self._at]
            if word in _BLOCK_WORDS:
                self._at += 1
            elif word == "DECLARE":
                self._declarations()
            elif word == "<<":
                self._until(">>")
                self._at += 1
            elif word in ("IF", "ELSIF", "ELSEIF", "WHEN"):
                self._at += 1
                self._until("THEN")
            elif word == "CASE":
                self._at += 1
                self._until("WHEN")
            elif word in ("WHILE", "FOREACH"):
                self._until("LOOP")
            elif word == "FOR":
                self._for()
            elif word == "EXECUTE":
                self._execute(self._at)
            else:
                self._plain(word)
        return self._found

    def _plain(self, word: str) -> None:
        first = self._at
        tokens = self._tokens
        self._until(";")
        after = tokens.words[first + 1]
        if tokens.kinds[first] != WORD or after in (":=", "=", ".", "["):
            return
        if word in _SQL_VERBS:
            self._add(first, self._at)
        elif word == "PERFORM":
            self._add(first, self._at, verb="SELECT ")
        elif word == "RETURN" and after == "QUERY":
            if tokens.words[first + 2] == "EXECUTE":
                self._dynamic(first, first + 3, self._at)
            else:
                self._add(first + 2, self._at)
        elif word == "OPEN":
            self._open(first)

    def _open(self, first: int) -> None:
        words = self._tokens.words
        for place in range(first, self._at):
            if words[place] == "FOR":
                if words[place + 1] == "EXECUTE":
                    self._dynamic(first, place + 2, self._at)
                else:
                    self._add(place + 1, self._at)
                return

    def _for(self) -> None:
        """FOR ... IN query LOOP; a range of numbers is not a query."""
        words = self._tokens.words
        self._until("IN", "LOOP")
        if words[self._at] != "IN":
            return
        first = self._at + 1
        self._at = first
        self._until("LOOP")
        if words[first] == "EXECUTE":
            self._dynamic(first, first + 1, self._at)
        elif words[first] in ("SELECT", "WITH", "VALUES", "TABLE", "INSERT", "UPDATE", "DELETE"):
            self._add(first, self._at)

    def _execute(self, first: int) -> None:
        self._until(";")
        if self._tokens.words[first + 1] in (":=", "="):
            return
        self._dynamic(first, first + 1, self._at)

    def _dynamic(self, first: int, command: int, last: int) -> None:
        """EXECUTE of a constant string is that statement; anything else is built at run time."""
        tokens = self._tokens
        parts: list[str] = []
        at = command
        while tokens.kinds[at] == STRING:
            parts.append(tokens.values[at])
            at += 1
            if tokens.words[at] != "||":
                break
            at += 1
        start, end = tokens.starts[first], tokens.ends[max(last - 1, first)]
        if parts and (at >= last or tokens.words[at] in ("INTO", "USING")):
            self._found.append(Inner(start, end, "".join(parts)))
            return
        text = " ".join(self._cut.text[start:end].split())
        if not text.upper().startswith("EXECUTE"):
            text = "EXECUTE " + " ".join(self._cut.text[tokens.starts[command] : end].split())
        self._found.append(Inner(start, end, None, f"builds SQL at run time: {text[:80]}"))

    def _add(self, first: int, last: int, verb: str = "") -> None:
        tokens = self._tokens
        start, end = tokens.starts[first], tokens.ends[max(last - 1, first)]
        text = self._cut.text[start:end]
        if verb:
            text = verb + text[len(verb) :]
        self._found.append(Inner(start, end, self._without_targets(text, first, last, start)))

    def _without_targets(self, text: str, first: int, last: int, base: int) -> str:
        """The text with `INTO [STRICT] variables` blanked: in PL/pgSQL they are not tables."""
        tokens = self._tokens
        depth = 0
        for place in range(first, last):
            word = tokens.words[place]
            if word == "(":
                depth += 1
            elif word == ")":
                depth -= 1
            elif word == "INTO" and not depth and tokens.words[place - 1] not in ("INSERT", "MERGE"):
                stop = self._after_targets(place + 1, last)
                begin, end = tokens.starts[place] - base, tokens.ends[stop - 1] - base
                return text[:begin] + " " * (end - begin) + text[end:]
        return text

    def _after_targets(self, at: int, last: int) -> int:
        tokens = self._tokens
        if tokens.words[at] == "STRICT":
            at += 1
        while at < last:
            at += 1
            while tokens.words[at] == "." and at < last:
                at += 2
            if tokens.words[at] == "[" and at < last:
                while at < last and tokens.words[at] != "]":
                    at += 1
                at += 1
            if tokens.words[at] != ",":
                break
            at += 1
        return min(at, last)

    def _declarations(self) -> None:
        self._at += 1
        words = self._tokens.words
        while self._at < self._size and words[self._at] != "BEGIN":
            self._until(";", "BEGIN")
            if self._at < self._size and words[self._at] == ";":
                self._at += 1

    def _until(self, *stops: str) -> None:
        """Goes to the first of these words outside parentheses and CASE expressions."""
        tokens = self._tokens
        depth = cases = 0
        while self._at < self._size:
            word = tokens.words[self._at]
            if word in ("(", "["):
                depth += 1
            elif word in (")", "]"):
                depth -= 1
            elif word == ";" and depth <= 0:
                return
            elif word == "CASE" and tokens.kinds[self._at] != OPERATOR:
                cases += 1
            elif word == "END" and cases:
                cases -= 1
            elif depth <= 0 and not cases and word in stops:
                return
            self._at += 1
