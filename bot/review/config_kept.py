"""A configuration as it is kept, for as long as its branch has none that can be read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoredConfiguration:
    """A configuration that could be read, where it stood, and the commit and time (ISO 8601) it was first seen at.

    Without a file, `source` and `text` are "".
    """

    source: str
    text: str
    commit: str
    at: str
