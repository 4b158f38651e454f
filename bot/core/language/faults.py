"""An error of migsafe's own at one statement: it costs that statement, and an id finds it in the log."""

from bot.core.record import record

_FRAMES = 6
_LONGEST = 2_000


@record
class Fault:
    """`id` is the same wherever the same line of migsafe fails in the same way; `details` are for the log alone."""

    id: str
    details: str

    @classmethod
    def of(cls, error: Exception) -> "Fault":
        import hashlib
        import traceback

        frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
        where = [f"{frame.filename.rpartition('/bot/')[2]}:{frame.lineno} {frame.name}" for frame in frames]
        kind = type(error).__name__
        id = hashlib.sha256("\n".join([kind, *where]).encode()).hexdigest()[:8]
        return cls(id, f"{kind}: {error}"[:_LONGEST] + "".join(f"\n  at {line}" for line in where))

    @property
    def reason(self) -> str:
        """What a reader is told, as `Unread` has it."""
        return f"migsafe failed at it (internal error {self.id}; please report it)"
