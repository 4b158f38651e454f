"""Messages as their text, for tests that look for words in them."""

from bot.core.language.messages import Message
from bot.report.disclosure import OWNER
from bot.report.rendering import source


def said(message: Message) -> str:
    """What the owner of the database reads, with `code` in backticks."""
    return source(message, OWNER)
