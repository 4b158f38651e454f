"""A message to people as a value: literal text with names, figures and SQL in it, never a finished sentence.

`say("Building {} blocks writes to {}", named.index("users_email_idx"), users)` makes a `Message`. `bot.report` puts its
parts into words, and decides for each what the reader may know: on a public repository bytes become `1 to 10 GB`, and a
table that the pull request does not name becomes "another relation". So the text itself may hold nothing from the
catalog: the template is a literal, which the type checker enforces, and a bare `str` or `int` is not a part. A `Name`
is a relation; `named` makes the names of other things.
"""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from functools import lru_cache
from typing import LiteralString, Protocol

from bot.core.language import named
from bot.core.language.locks import LockMode
from bot.core.language.named import Form, Named
from bot.core.language.names import Name
from bot.core.language.types import Type
from bot.core.record import record


class Span(Protocol):
    """A time that is only estimated, in seconds: `bot.core.language.seconds.Estimate`."""

    @property
    def low(self) -> float: ...
    @property
    def likely(self) -> float: ...
    @property
    def high(self) -> float: ...


# Figures


@record
class Rows:
    """`1.15 million rows`. `secret` False: not a count of the database, but a rate or a setting of migsafe's."""

    count: int
    secret: bool = True


@record
class Bytes:
    """`2.1 GB`; `secret` as in `Rows`."""

    count: int
    secret: bool = True


@record
class RowWidth:
    """`about 210 bytes a row`."""

    bytes: int


@record
class Share:
    """`about 2 % of the rows`."""

    fraction: float


@record
class Pages:
    """`12,345 pages` of a table, which is its size in units of 8 kB."""

    count: int


@record
class Seconds:
    """A time that does not depend on a size, in seconds: a timeout, how far a replica is behind."""

    seconds: float


@record
class Number:
    """A count of things in the pull request or in a list: statements, lines, further names. Never of rows."""

    number: int


@record
class Line:
    """The number of a line or of a version: it counts nothing, and is written without commas."""

    number: int


# Text


@record
class Code:
    """SQL as the author wrote it or the catalog holds it, on one line, set as code."""

    text: str


@record
class File:
    """A path in the repository, with a line where there is one: `db/migrate/2_x.rb`, `app/models/user.rb:3`."""

    path: str


@record
class Account:
    """A person's name at GitHub: `ada`."""

    login: str


@record
class Given:
    """Words that come with the pull request or the configuration, or say something about them; may hold `code`."""

    text: str


@record
class Told:
    """Words from elsewhere that may hold anything (an error of the database): for readers who may see everything."""

    text: str


@record
class Unmarked:
    """A type or SQL verbatim, not set as code."""

    part: "Type | Code"


class Mark(Enum):
    """What is added once the words of a sentence are known: a capital letter at its start, a full stop at its end."""

    CAPITAL = "capital"
    STOP = "stop"


@record
class Message:
    """Literal text and parts in their order. False where it says nothing."""

    pieces: "tuple[Piece, ...]" = ()

    def __bool__(self) -> bool:
        return any(not isinstance(piece, Mark) for piece in self.pieces)


@record
class Listing:
    """`a`, `a and b`, `a, b and c`; with `more`: `a, b and 3 more`."""

    items: tuple[Message, ...]
    last: str = "and"
    more: int = 0


@record
class Quotation:
    """A whole message set as code: what PostgreSQL will answer."""

    message: Message


Part = (
    Name
    | Named
    | Span
    | Rows
    | Bytes
    | RowWidth
    | Share
    | Pages
    | Seconds
    | Number
    | Line
    | LockMode
    | Type
    | Code
    | Unmarked
    | File
    | Account
    | Given
    | Told
    | Listing
    | Quotation
)
Piece = str | Mark | Part
Value = Message | Part
_BARE = (str, int, float, bytes, type(None))
"""What the type checker refuses as a value, refused again at run time: it could be from the catalog."""

NOTHING = Message()


def say(template: LiteralString, *values: Value) -> Message:
    """The template with a value in the place of each `{}`; `code` in backticks is code.

    Raises ValueError where there are more or fewer values than places, TypeError for a value that is no part.
    """
    return _composed(template, values)


@lru_cache(maxsize=1024)
def _composed(template: str, values: tuple[Value, ...]) -> Message:
    """One message for all that say the same: a file of 50,000 statements says few things, and says them often."""
    texts = template.split("{}")
    if len(texts) != len(values) + 1:
        raise ValueError(f"{len(values)} values for {len(texts) - 1} places: {template}")
    pieces: list[Piece] = [texts[0]] if texts[0] else []
    for value, text in zip(values, texts[1:], strict=True):
        if isinstance(value, Message):
            pieces += value.pieces
        elif isinstance(value, _BARE):
            raise _no_part(value)
        else:
            pieces.append(value)
        if text:
            pieces.append(text)
    return Message(tuple(pieces))


def _no_part(value: object) -> TypeError:
    return TypeError(f"a bare {type(value).__name__} is not a part of a message: {value!r}")


def listing(values: Iterable[Value], last: LiteralString = "and", *, most: int | None = None) -> Message:
    """`a`, `a and b`, `a, b and c`; of more than `most` the first ones, and how many there are besides."""
    items = tuple(value if isinstance(value, Message) else say("{}", value) for value in values)
    if not items:
        return NOTHING
    more = max(0, len(items) - most) if most is not None else 0
    return Message((Listing(items[: len(items) - more], last, more),))


def error(template: LiteralString, *values: Value) -> Message:
    """A message of PostgreSQL's, in its own words: names are in double quotes, without their schema."""
    return say(template, *(_unmarked(value, named.quoted) for value in values))


def clause(template: LiteralString, *values: Value) -> Message:
    """What is assumed, or on what condition something happens: names are as SQL needs them, with their schema."""
    return say(template, *(_unmarked(value, named.bare) for value in values))


def _unmarked(value: Value, written: Callable[[Named | Name], Named]) -> Value:
    match value:
        case Name() | Named(form=Form.CODE | Form.DOTTED):
            return written(value)
        case Type() | Code():
            return Unmarked(value)
        case _:
            return value


def verbatim(text: str) -> Message:
    """Words without anything from the catalog: from the pull request, or about it or a tool."""
    return Message((Given(text),)) if text else NOTHING


def names_in(message: Message) -> set[str]:
    """The names that the message is about, without their schemas."""
    found = (piece.name if isinstance(piece, Named) else piece for piece in message.pieces)
    return {name.name for name in found if isinstance(name, Name)}


def sentence(message: Message) -> Message:
    """With a capital first letter and a full stop; names written in lower case (dbmate, lock_timeout) stay so."""
    return Message((Mark.CAPITAL, *message.pieces, Mark.STOP)) if message else NOTHING


def stopped(message: Message) -> Message:
    """With a full stop, where it has none."""
    return Message((*message.pieces, Mark.STOP)) if message else NOTHING


def capital(message: Message) -> Message:
    """With a capital first letter, as the beginning of a sentence that goes on."""
    return Message((Mark.CAPITAL, *message.pieces)) if message else NOTHING


def joined(separator: LiteralString, messages: Iterable[Message]) -> Message:
    """Those that say something, with the separator between them."""
    pieces: list[Piece] = []
    for message in messages:
        if message:
            pieces += (separator, *message.pieces) if pieces else message.pieces
    return Message(tuple(pieces))


def paragraphs(*messages: Message) -> Message:
    """The sentences that are there, as one text."""
    return joined(" ", messages)


def count(number: int, one: LiteralString, many: LiteralString | None = None) -> Message:
    """`1 index`, `3 indexes`."""
    return say("{} {}", Number(number), say(one if number == 1 else many or one + "s"))


def plural(things: Sequence[object], one: LiteralString, many: LiteralString) -> Message:
    """The verb for a list: "stays" of one, "stay" of several."""
    return say(one if len(things) == 1 else many)
