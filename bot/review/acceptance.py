"""What people accepted on a pull request: items of its checklist, and findings of a rule."""

from enum import StrEnum

from bot.core.record import record


class AcceptKind(StrEnum):
    """What a person accepted. The values are stored in the state, so an upgrade must not change them."""

    ITEM = "acknowledge"
    """An item of the checklist."""
    RULE = "allow"
    """The findings of a rule."""


@record
class Acknowledgement:
    """What a person accepted: `item` is a checklist id or a rule's id. Void once the `fingerprint` changes."""

    item: str
    by: str
    at: str
    """ISO 8601, UTC."""
    reason: str
    fingerprint: str = ""
    kind: AcceptKind = AcceptKind.ITEM
