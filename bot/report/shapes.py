"""What GitHub shows: a check run's output and a review's comments, as values within its limits."""

import re
from enum import Enum

from bot.core.record import record

BODY_LIMIT = 65_536
"""Characters of a comment or review body."""
SUMMARY_LIMIT = 65_535
"""Characters of a check run's summary, and of its text."""
INLINE_LIMIT = 30
"""The most inline comments of one review that GitHub accepts reliably."""
ANNOTATION_LIMIT = 50
"""The most annotations of one request."""
MARKER = "<!-- migsafe:{} -->"
"""The end of each of our comments; names its finding by fingerprint. GitHub does not show it."""


def fingerprint_of(body: str) -> str | None:
    """The fingerprint in a comment's marker; only one that ends the body counts, so that quoted text forges none."""
    found = _MARKER.search(body)
    return found[1] if found else None


_MARKER = re.compile(r"<!-- migsafe:([A-Za-z0-9._-]{1,200}) -->\s*\Z")


class Conclusion(Enum):
    SUCCESS = "success"
    FAILURE = "failure"
    NEUTRAL = "neutral"
    ACTION_REQUIRED = "action_required"
    CANCELLED = "cancelled"
    """Nothing was judged, and nothing will be. It does not pass, as NEUTRAL does."""


@record
class Annotation:
    """`level` is notice, warning or failure."""

    path: str
    first_line: int
    last_line: int
    level: str
    title: str
    message: str


@record
class CheckOutput:
    """A concluded check run; buttons are (label, description, identifier), at most three."""

    conclusion: Conclusion
    title: str
    summary: str
    text: str = ""
    annotations: tuple[Annotation, ...] = ()
    buttons: tuple[tuple[str, str, str], ...] = ()


@record
class InlineComment:
    """A comment on lines of the head's file; `body` carries the finding's marker."""

    path: str
    first_line: int
    last_line: int
    body: str
    fingerprint: str


@record
class Review:
    """One review: `body` is required by GitHub; it has the findings that cannot be inline."""

    body: str
    comments: tuple[InlineComment, ...] = ()
