"""Markdown that text from a pull request cannot break out of: code, prose, folds, markers, limits."""

import html
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from bot.report import words
from bot.report.shapes import BODY_LIMIT, MARKER

_UNSAFE = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    r"\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    r"\U000e0000-\U000e0fff\ud800-\udfff]"
)
"""Controls (C0, DEL, C1), line separators, and what Unicode calls Default_Ignorable_Code_Point or annotation; not
the variation selectors that belong to emoji."""
_BACKTICKS = re.compile(r"`+")
_FORGED = re.compile(r"<(?=!--\s*migsafe)", re.IGNORECASE)
_MARKERS = re.compile(r"(?:<!-- migsafe:[A-Za-z0-9._-]{1,200} -->\s*+)++")
_FINGERPRINT = re.compile(r"<!-- migsafe:([A-Za-z0-9._-]{1,200}) -->")
_SPECIAL = re.compile(r"[\\`*\[\]>~|$]|(?<!\w)_+|_+(?!\w)")
"""Underscores between letters or digits are not emphasis, and stay readable."""
_REFERENCE = re.compile(r"(@|#(?=\w)|:(?=//)|(?<![A-Za-z0-9])(?:GH-(?=\d)|www(?=\.)|(?:mailto|xmpp):))", re.IGNORECASE)
"""GitHub links addresses after an underscore, too, which is no boundary of a word to `re`."""
_BLOCK_START = re.compile(r"(?:(?P<sign>[#+=-])|(?P<number>\d{1,9})(?=[.)](?:\s|\Z)))")
_BLANKS = re.compile(r"\s+")
Span = tuple[str, bool]
"""Text, and whether it is code."""
_APART = "&#8203;"
"""A zero-width space: GitHub links no reference that has one in it."""


def clean(text: str) -> str:
    """Without control and invisible characters, bidirectional overrides, what cannot be encoded; line ends are \\n."""
    return _UNSAFE.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n"))


def code(text: str, limit: int = 200) -> str:
    """Inline code on one line, cut to `limit` characters: for text that every reader may know."""
    return words.code(_FORGED.sub("< ", cut(clean(text), limit)))


def fence(text: str, language: str = "") -> str:
    """A code block that nothing in it can close: its fence is longer than any run of backticks inside."""
    plain = _FORGED.sub("< ", clean(text)).strip("\n")
    longest = max((len(run) for run in _BACKTICKS.findall(plain)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{language}\n{plain}\n{ticks}"


def suggestion(text: str) -> str | None:
    """A block with which GitHub replaces the lines of its comment, or None where it would not hold `text` exactly."""
    if clean(text) != text or _FORGED.search(text):
        return None
    longest = max((len(run) for run in _BACKTICKS.findall(text)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}suggestion\n{text}\n{ticks}" if text else f"{ticks}suggestion\n{ticks}"


def prose(text: str, limit: int = 4_000) -> str:
    """Sentences that may hold `code` in backticks: paragraphs and code stay, everything else is plain text.

    No mention pings, no reference or address becomes a link, no HTML, heading, list or image appears.
    """
    paragraphs = re.split(r"\n\s*\n", cut(clean(text), limit))
    lines = (_line(split_code(" ".join(paragraph.split()))) for paragraph in paragraphs)
    return "\n\n".join(line for line in lines if line)


def inline(spans: Iterable[Span], limit: int = 4_000) -> str:
    """Pieces of text and of code as one line of Markdown, cut to `limit` characters."""
    kept: list[Span] = []
    for text, is_code in spans:
        plain = _BLANKS.sub(" ", clean(text))
        if len(plain) + 2 * is_code > limit:
            return _line([*kept, (f"{plain[: limit - 1].rstrip()}…", is_code)] if limit > 1 else [*kept, ("…", False)])
        kept.append((plain, is_code))
        limit -= len(plain) + 2 * is_code
    return _line(kept)


def escape(text: str) -> str:
    """Plain text inside a line of Markdown."""
    plain = clean(text).replace("&", "&amp;").replace("<", "&lt;")
    return _REFERENCE.sub(rf"\1{_APART}", _SPECIAL.sub(_escaped, plain))


def _escaped(found: re.Match[str]) -> str:
    return "".join(f"\\{sign}" for sign in found[0])


def plain(text: str) -> str:
    """The same sentences for places without Markdown: without the backticks, on one line, safe on a terminal."""
    line = " ".join(clean(text).split())
    return "".join(part.strip() if is_code else part for part, is_code in split_code(line))


def cell(markdown: str) -> str:
    """Finished inline Markdown as the cell of a table."""
    return re.sub(r"(?<!\\)\|", r"\\|", " ".join(markdown.split()))


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of finished inline Markdown."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join(f"| {' | '.join(cell(part) for part in line)} |" for line in lines)


def html_code(text: str) -> str:
    """Inline code for places that understand only HTML: the summary of a fold."""
    return f"<code>{html.escape(' '.join(cut(clean(text), 200).split()))}</code>"


def details(summary: str, body: str) -> str:
    """A fold; `summary` is finished HTML on one line."""
    return f"<details>\n<summary>{summary}</summary>\n\n{body.strip()}\n\n</details>"


def marker(fingerprint: str) -> str:
    """The comment that GitHub does not show and that names a finding; markers are last in a body."""
    return MARKER.format(fingerprint)


def fingerprints_in(body: str) -> tuple[str, ...]:
    """The findings that one of our bodies is about: only markers at its end count, so that quoted text forges none."""
    ends = (marks[0] for marks in _MARKERS.finditer(body) if marks.end() == len(body))
    return tuple(_FINGERPRINT.findall(next(ends, "")))


def cut(text: str, limit: int) -> str:
    """At most `limit` characters, with an ellipsis where it was cut."""
    return text if len(text) <= limit else text[: max(0, limit - 1)].rstrip() + "…"


def length(text: str) -> int:
    """The length that GitHub may count: bytes of UTF-8, never fewer than characters."""
    return len(text.encode("utf-8", "surrogatepass"))


def assemble(
    needed: Sequence[str],
    optional: Sequence[str] = (),
    *,
    left_out: str | Callable[[int], str] = "The rest is too long for this place.",
    last: Sequence[str] = (),
    limit: int = BODY_LIMIT,
) -> str:
    """A body of whole parts, one blank line apart: `needed`, as many of `optional` as fit, then `last`.

    A part that does not fit is skipped, or, if it is needed, cut after the blocks that fit; then `left_out` says so,
    which may depend on the number of these parts. `last` is always included.
    """
    say = left_out if callable(left_out) else lambda _: left_out
    room = limit - length(_joined((say(len(needed) + len(optional)), *last))) - 4
    kept: list[str] = []
    missing = 0
    for part, is_needed in (*((one, True) for one in needed), *((one, False) for one in optional)):
        fitting = part if length(part) + 2 <= room else _beginning(part, room) if is_needed else ""
        missing += fitting != part
        if fitting:
            kept.append(fitting)
            room -= length(fitting) + 2
    return _joined((*kept, say(missing) if missing else "", *last))


def _beginning(markdown: str, room: int) -> str:
    """The blocks from its start that fit: never a part of a code block, a fold or a table."""
    kept: list[str] = []
    for block in _blocks(markdown):
        room -= length(block) + 2
        if room < 0:
            break
        kept.append(block)
    return _joined(kept)


def _blocks(markdown: str) -> Iterator[str]:
    """The parts between blank lines; code blocks and folds stay in one piece."""
    block: list[str] = []
    fence_open, folds = "", 0
    for line in markdown.split("\n"):
        ticks = re.match(r"`{3,}", line)
        if fence_open:
            fence_open = "" if line.strip() == fence_open else fence_open
        elif ticks:
            fence_open = ticks[0]
        else:
            folds += line.startswith("<details>") - line.startswith("</details>")
        if not line.strip() and not fence_open and folds <= 0:
            yield "\n".join(block)
            block = []
        else:
            block.append(line)
    yield "\n".join(block)


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part)


def _line(spans: Iterable[Span]) -> str:
    """A line whose first character cannot turn it into another kind of block."""
    line, after_code = "", False
    for part, is_code in spans:
        written = code(part, limit=1_000) if is_code else escape(part)
        # The backticks of two pieces of code must not become one run.
        line += _APART + written if is_code and after_code else written
        after_code = is_code if written else after_code
    line = line.strip()
    start = _BLOCK_START.match(line)
    if start is None:
        return line
    return f"\\{line}" if start["sign"] else f"{start['number']}\\{line[start.end() :]}"


def split_code(text: str) -> list[Span]:
    """The text in pieces, each with whether it is in backticks; a lone backtick is text."""
    pieces: list[Span] = []
    runs = list(_BACKTICKS.finditer(text))
    position = index = 0
    while index < len(runs):
        opening = runs[index]
        closing = next((at for at in range(index + 1, len(runs)) if len(runs[at][0]) == len(opening[0])), None)
        if closing is None:
            index += 1
            continue
        pieces.append((text[position : opening.start()], False))
        pieces.append((text[opening.end() : runs[closing].start()], True))
        position = runs[closing].end()
        index = closing + 1
    pieces.append((text[position:], False))
    return [(part, is_code) for part, is_code in pieces if part]
