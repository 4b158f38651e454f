"""What people accepted of a pull request: items of its checklist, and findings of a rule."""

from enum import StrEnum

from bot.core.record import record


class AcceptKind(StrEnum):
    """What a person accepted. The values stand in the state: they outlive an upgrade."""

    ITEM = "acknowledge"
    """An item of the checklist."""
    RULE = "allow"
    """The findings of a rule."""


@record
class Acknowledgement:
    """A person's word. `item` is a checklist id, or a rule's; it falls when the statement's `fingerprint` changes."""

    item: str
    by: str
    at: str
    """ISO 8601, UTC."""
    reason: str
    fingerprint: str = ""
    kind: AcceptKind = AcceptKind.ITEM
