"""A message put into words for one reader: as Markdown, as plain text, or as text with `code` in backticks."""

import re
from collections.abc import Sequence

from bot.core.language import messages as ms
from bot.core.language.locks import LockMode
from bot.core.language.messages import Mark, Message
from bot.core.language.named import Form, Kind, Named
from bot.core.language.names import Name, quote
from bot.core.language.seconds import Estimate
from bot.core.language.types import Type
from bot.core.record import record, replace
from bot.report import words
from bot.report.disclosure import Reader
from bot.report.markdown import Span, clean, inline, split_code

_SINGULAR = {
    Kind.RELATION: "relation",
    Kind.COLUMN: "column",
    Kind.CONSTRAINT: "constraint",
    Kind.FOREIGN_KEY: "foreign key",
    Kind.INDEX: "index",
    Kind.TRIGGER: "trigger",
    Kind.POLICY: "policy",
    Kind.FUNCTION: "function",
    Kind.TYPE: "type",
    Kind.SCHEMA: "schema",
    Kind.ROLE: "role",
    Kind.OBJECT: "object",
}
_PAGE = 8192
"""Bytes of a page of a table."""
_SMALL_START = re.compile(rf"(?:{'|'.join(sorted(words.WRITTEN_SMALL))})(?= |\Z)|[^ ]*[_(]")
"""Words that begin a sentence without a capital letter."""


def markdown(message: Message, reader: Reader, limit: int = 4_000) -> str:
    """The message on one line of Markdown, cut to `limit` characters."""
    return inline(spans(message, reader), limit)


def text(message: Message, reader: Reader) -> str:
    """The message for places without Markdown, on one line: without backticks, safe on a terminal."""
    line = "".join(span.strip() if is_code else span for span, is_code in spans(message, reader))
    return " ".join(clean(line).split())


def source(message: Message, reader: Reader) -> str:
    """The message as text with `code` in backticks, for machines."""
    return clean("".join(words.code(span) if is_code else span for span, is_code in spans(message, reader)))


def spans(message: Message, reader: Reader) -> list[Span]:
    """The message in pieces of text and of code, as this reader may see it."""
    line = _Line(reader)
    for piece in message.pieces:
        line.write(piece)
    return line.spans


@record
class _Hidden:
    """The replacement for a name that the reader may not know; `many` for several of its kind."""

    one: str
    many: str
    noun: str = "-"
    of: tuple[Span, ...] = ()


class _Line:
    """The text so far; `capital`: the next letter begins a sentence."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.spans: list[Span] = []
        self.capital = False

    def write(self, piece: ms.Piece) -> None:
        match piece:
            case Mark.CAPITAL:
                self.capital = True
            case Mark.STOP:
                self._stop()
            case str():
                self._text(piece)
            case ms.Given(text=text):
                self._given(text)
            case ms.Told(text=text):
                self._text(text if self.reader.is_trusted else "what it says is not shown here")
            case ms.File(path=path):
                self._span((self.reader.path(path), True))
            case ms.Account(login=login):
                self._span((login, True))
            case ms.Listing():
                self._listing(piece)
            case ms.Quotation(message=message):
                whole = "".join(span for span, _ in spans(message, self.reader))
                self._span((whole, True))
            case Name() | Named() | Type() | ms.Code() | ms.Unmarked():
                self._named(piece)
            case _:
                self._text(_figure(piece, self.reader))

    def _given(self, text: str) -> None:
        """Words that come from elsewhere; code in them may be made from what the catalog holds."""
        for span, is_code in split_code(text):
            self._span(("(not shown)", False) if is_code and not self.reader.may_see_code(span) else (span, is_code))

    def _text(self, text: str) -> None:
        for span in split_code(text):
            self._span(span)

    def _span(self, span: Span) -> None:
        text, is_code = span
        if self.capital and text:
            self.capital = False
            text = text if is_code or _SMALL_START.match(text) else text[0].upper() + text[1:]
        if text:
            self.spans.append((text, is_code))

    def _stop(self) -> None:
        if self.spans and (self.spans[-1][1] or not self.spans[-1][0].endswith((".", ":", "!", "?"))):
            self.spans.append((".", False))

    def _named(self, piece: "_Shown") -> None:
        piece = _without_secret_schema(piece, self.reader)
        hidden = _hidden(piece, self.reader)
        if hidden is None:
            for span in _shown(piece):
                self._span(span)
        else:
            self._hide(hidden)

    def _hide(self, hidden: _Hidden, *, several: bool = False) -> None:
        """ "the index `i`" becomes "an index of `t`", not "the index an index of `t`"."""
        last = self.spans[-1] if self.spans else (". ", False)
        if not last[1] and last[0].lower().endswith(f"the {hidden.noun} "):
            self.spans[-1] = last = (last[0][: -len(f"the {hidden.noun} ")], False)
        self.capital = self.capital or (not last[1] and last[0].endswith(". "))
        for span in ((hidden.many if several else hidden.one, False), *hidden.of):
            self._span(span)

    def _listing(self, listing: ms.Listing) -> None:
        groups = _grouped(listing.items, self.reader)
        for position, (hidden, items) in enumerate(groups):
            if position:
                is_last = position == len(groups) - 1 and not listing.more
                self._span((f" {listing.last} " if is_last else ", ", False))
            if hidden is not None:
                self._hide(hidden, several=len(items) > 1)
                continue
            for item in items:
                for piece in item.pieces:
                    self.write(piece)
        if listing.more:
            self._span((f" {listing.last} {listing.more:,} more", False))


_WITH_TABLE = frozenset({Form.DOTTED, Form.PLAIN_DOTTED, Form.BARE_DOTTED, Form.QUOTED_DOTTED, Form.IN_FULL})
_Shown = Name | Named | Type | ms.Code | ms.Unmarked


def _grouped(items: Sequence[Message], reader: Reader) -> list[tuple[_Hidden | None, list[Message]]]:
    """The items of a list in order; neighbours that are hidden in the same way are combined."""
    groups: list[tuple[_Hidden | None, list[Message]]] = []
    for item in items:
        only = item.pieces[0] if len(item.pieces) == 1 else None
        hidden = _hidden(only, reader) if isinstance(only, _Shown) else None
        if hidden is not None and groups and groups[-1][0] == hidden:
            groups[-1][1].append(item)
        else:
            groups.append((hidden, [item]))
    return groups


def _shown(piece: _Shown) -> list[Span]:
    """The name as its author writes it: without `public`."""
    match piece:
        case ms.Unmarked(part=part):
            return [(text, False) for text, _ in _shown(part)]
        case ms.Code(text=sql):
            return [(sql, True)]
        case Type():
            return [(str(piece), True)]
        case Named(what=kind, name=name, of=of, form=form):
            return _formed(kind, name, of, form)
        case Name():
            return [(words.shown(piece), True)]


def _formed(kind: Kind, name: Name, of: Name | None, form: Form) -> list[Span]:
    as_sql = kind is Kind.RELATION or name.schema is not None
    own: Span = (words.shown(name) if as_sql else name.name, True)
    match form:
        case Form.BARE:
            return [(str(name) if as_sql else name.name, False)]
        case Form.PLAIN:
            return [(own[0], False)]
        case Form.QUOTED:
            return [(f'"{name.name}"', False)]
        case Form.DOTTED if of is not None:
            return [(f"{words.shown(of)}.{quote(name.name)}", True)]
        case Form.IN_FULL if of is not None:
            return [(f"the {_SINGULAR[kind]} ", False), own, (" of ", False), (words.shown(of), True)]
        case Form.IN_FULL:
            return [(f"the {_SINGULAR[kind]} ", False), own]
        case Form.PLAIN_DOTTED if of is not None:
            return [(f"{words.shown(of)}.{name.name}", False)]
        case Form.BARE_DOTTED if of is not None:
            return [(f"{of}.{name.name}", False)]
        case Form.QUOTED_DOTTED if of is not None:
            return [(f'"{of.name}.{name.name}"', False)]
        case _:
            return [own]


def _without_secret_schema(piece: _Shown, reader: Reader) -> _Shown:
    """The piece, its names without schemas that the reader may not know."""
    match piece:
        case Name():
            return reader.without_secret_schema(piece)
        case Named(name=name, of=of):
            of = reader.without_secret_schema(of) if of is not None else None
            return replace(piece, name=reader.without_secret_schema(name), of=of)
        case Type(name=name, schema=schema):
            return replace(piece, schema=reader.without_secret_schema(Name(name, schema)).schema)
        case _:
            return piece


def _hidden(piece: _Shown, reader: Reader) -> _Hidden | None:
    """The replacement for the name; None where the reader may know it."""
    match piece:
        case ms.Unmarked(part=part):
            return _hidden(part, reader)
        case ms.Code(text=sql):
            return None if reader.knows_sql(sql) else _Hidden("an expression", "expressions")
        case Type():
            return None if reader.knows_type(piece) else _another(Kind.TYPE)
        case Name():
            return None if reader.knows(piece) else _another(Kind.RELATION)
        case Named(what=kind, name=name, of=of, form=form):
            known = reader.knows(name) and (form not in _WITH_TABLE or of is None or reader.knows(of))
            if form in (Form.QUOTED, Form.QUOTED_DOTTED) and not known:
                return _Hidden('"…"', '"…"')
            return None if known else _another(kind, of, reader)


def _another(kind: Kind, of: Name | None = None, reader: Reader | None = None) -> _Hidden:
    if of is None or reader is None:
        return _Hidden(f"another {_SINGULAR[kind]}", f"other {kind.value}", _SINGULAR[kind])
    article = "an" if kind is Kind.INDEX else "a"
    table: Span = (words.shown(of), True) if reader.knows(of) else ("another relation", False)
    return _Hidden(f"{article} {_SINGULAR[kind]}", kind.value, _SINGULAR[kind], ((" of ", False), table))


def _figure(piece: "_Figure", reader: Reader) -> str:
    """A figure in words: exact, its order of magnitude, or only that there is one."""
    match piece:
        case ms.Number(number=number):
            return f"{number:,}"
        case ms.Line(number=number):
            return str(number)
        case ms.Seconds(seconds=seconds):
            return words.duration(seconds)
        case LockMode():
            return piece.value
        case ms.Rows(count=count, secret=secret):
            return words.rows(count) if reader.is_trusted or not secret else reader.rows(count)
        case ms.Bytes(count=count, secret=secret):
            return words.size(count) if reader.is_trusted or not secret else reader.bytes(count)
        case ms.Pages(count=count):
            return f"{count:,} pages" if reader.is_trusted else reader.bytes(count * _PAGE)
        case ms.Share(fraction=share):
            shown = f"about {max(share * 100, 0.01):.2g} %" if reader.is_trusted else "some"
            return f"{shown} of the rows"
        case ms.RowWidth(bytes=width):
            return f"about {words.size(width)} a row" if reader.is_trusted else "the width of a row"
        case Estimate():
            return words.duration(piece) if reader.is_trusted else reader.seconds(piece.likely)
        case _:
            raise TypeError(f"not a part of a message: {piece!r}")


_Figure = ms.Number | ms.Line | ms.Seconds | LockMode | ms.Rows | ms.Bytes | ms.Pages | ms.RowWidth | ms.Share | ms.Span
