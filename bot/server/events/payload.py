"""A delivery's payload, read one value at a time; a value that is missing or has another shape is None."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bot.review.job import CommentKind, Job, JobKind

Json: TypeAlias = bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None

_SHA = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_REF = re.compile(r"[^\s\x00-\x20\x7f]{1,1000}")
_REPOSITORY = re.compile(r"(?!\.{1,2}/)[A-Za-z0-9_.-]{1,100}/(?!\.{1,2}\Z)[A-Za-z0-9_.-]{1,100}")
"""A repository's full name. It stands in addresses, where `.` and `..` would be steps."""


@dataclass(frozen=True, slots=True)
class Payload:
    """`body` is any JSON value; `delivery` is GitHub's GUID for it."""

    body: Json
    delivery: str

    @property
    def action(self) -> str:
        return self.text("action") or ""

    def at(self, *path: str) -> Json:
        """The value under these keys."""
        found = self.body
        for key in path:
            if not isinstance(found, Mapping):
                return None
            found = found.get(key)
        return found

    def has(self, *path: str) -> bool:
        """Whether the value under these keys is an object."""
        return isinstance(self.at(*path), Mapping)

    def text(self, *path: str) -> str | None:
        found = self.at(*path)
        return found if isinstance(found, str) else None

    def number(self, *path: str) -> int | None:
        """An id or number: a positive integer of 63 bits."""
        found = self.at(*path)
        if isinstance(found, bool) or not isinstance(found, int):
            return None
        return found if 0 < found < 2**63 else None

    def sha(self, *path: str) -> str | None:
        """A commit's SHA."""
        found = self.text(*path)
        return found if found is not None and _SHA.fullmatch(found) else None

    def ref(self, *path: str) -> str | None:
        """A branch or another ref; no valid one is longer than 1,000 characters or has blanks."""
        found = self.text(*path)
        return found if found is not None and _REF.fullmatch(found) else None

    def parts(self, *path: str) -> list["Payload"]:
        """The members of a list."""
        found = self.at(*path)
        listed = found if isinstance(found, Sequence) and not isinstance(found, str) else ()
        return [Payload(member, self.delivery) for member in listed]

    def by_bot(self, *path: str) -> bool:
        """Whether the account under these keys is an App or another bot."""
        return self.text(*path, "type") == "Bot" or (self.text(*path, "login") or "").endswith("[bot]")

    def job(
        self,
        kind: JobKind,
        *,
        pull: int | None = None,
        head: str | None = None,
        base: str | None = None,
        comment: int | None = None,
        comment_kind: CommentKind | None = None,
        extra: Mapping[str, str] | None = None,
    ) -> Job | None:
        """The job for this repository; None without an installation, for which GitHub gives no token."""
        installation, repository = self.number("installation", "id"), self.number("repository", "id")
        name = self.text("repository", "full_name")
        if installation is None or repository is None or name is None or not _REPOSITORY.fullmatch(name):
            return None
        return Job(
            kind=kind,
            installation=installation,
            repository_id=repository,
            repository=name,
            number=pull,
            head_sha=head,
            base_sha=base,
            comment=comment,
            comment_kind=comment_kind,
            delivery=self.delivery,
            extra=dict(extra or {}),
        )

    def installation_job(self, kind: JobKind, repositories: Sequence[int]) -> Job | None:
        """The job for this installation: for these of its repositories, for all of them if none is named."""
        installation = self.number("installation", "id")
        if installation is None:
            return None
        named = {"repositories": ",".join(map(str, repositories))} if repositories else {}
        return Job(kind, installation, 0, "", delivery=self.delivery, extra={**named, "action": self.action})
