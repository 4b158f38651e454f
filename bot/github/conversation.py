"""Answers, reactions, and comments that are read again: the conversation beside reviews."""

import re
from collections.abc import Sequence

from bot.github.cut import cut
from bot.github.errors import Gone, Uncertain
from bot.github.read import Json, dig, number
from bot.github.repository_api import RepositoryApi
from bot.report.shapes import BODY_LIMIT, fingerprint_of
from bot.review.errors import HubError
from bot.review.hub import CommandComment
from bot.review.job import CommentKind

REACTIONS = {"+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"}


async def reply(api: RepositoryApi, pull_number: int, body: str, to_comment: int | None, marker: str) -> None:
    """Posts an answer, once per marker: in the thread of a review comment, or in the conversation if that is gone."""
    sign = _sign(marker)
    answer = {"body": f"{cut(body, BODY_LIMIT - len(sign) - 2)}\n\n{sign}"}
    if to_comment is not None:
        thread = f"pulls/{pull_number}/comments"
        listed = await api.list_all(thread)
        root = _root(listed, to_comment)
        if _is_posted(api, listed, sign):
            return
        if root is not None and await _post_once(api, f"{thread}/{root}/replies", answer, thread, sign):
            return
    conversation = f"issues/{pull_number}/comments"
    if _is_posted(api, await api.list_all(conversation), sign):
        return
    if not await _post_once(api, conversation, answer, conversation, sign):
        raise Gone(f"Pull request {pull_number} accepts no comments")


async def answered(api: RepositoryApi, pull_number: int, marker: str) -> bool:
    """Whether an answer with this marker is there, in the conversation or in a thread."""
    sign = _sign(marker)
    for listing in (f"issues/{pull_number}/comments", f"pulls/{pull_number}/comments"):
        if _is_posted(api, await api.list_all(listing), sign):
            return True
    return False


async def react(api: RepositoryApi, comment: int, kind: CommentKind, content: str) -> None:
    """Adds a reaction, as best effort and while requests are not scarce; GitHub has none for the body of a review."""
    place = "issues" if kind is CommentKind.ISSUE else "pulls"
    if content not in REACTIONS or api.client.scarce:
        return
    try:
        await api.client.write("POST", api.path(f"{place}/comments/{comment}/reactions"), {"content": content})
    except HubError:
        return


async def comment(
    api: RepositoryApi, comment_id: int, kind: CommentKind, pull_number: int | None
) -> CommandComment | None:
    """A comment as it is now, None if it is gone. A review's body is found by its pull request's number."""
    try:
        match kind:
            case CommentKind.ISSUE:
                return _comment(await api.client.get(api.path(f"issues/comments/{comment_id}")))
            case CommentKind.REVIEW_COMMENT:
                found = await api.client.get(api.path(f"pulls/comments/{comment_id}"))
                return await _read_thread_comment(api, found)
            case CommentKind.REVIEW if pull_number is not None:
                return _comment(await api.client.get(api.path(f"pulls/{pull_number}/reviews/{comment_id}")))
            case _:
                return None
    except Gone:
        return None


async def _read_thread_comment(api: RepositoryApi, found: Json) -> CommandComment:
    first = dig(found, "in_reply_to_id")
    root: Json | None = None
    if isinstance(first, int):
        try:
            root = await api.client.get(api.path(f"pulls/comments/{first}"))
        except Gone:
            root = None
    ours = root is not None and api.ours(root)
    fingerprint = fingerprint_of(str(dig(root, "body") or "")) if ours else None
    return _comment(found, fingerprint)


def _comment(found: Json, thread_fingerprint: str | None = None) -> CommandComment:
    first, path = dig(found, "in_reply_to_id"), dig(found, "path")
    return CommandComment(
        id=number(found, "id"),
        author=str(dig(found, "user", "login") or "ghost"),
        author_is_bot=dig(found, "user", "type") == "Bot" or bool(dig(found, "performed_via_github_app")),
        body=str(dig(found, "body") or ""),
        in_reply_to=first if isinstance(first, int) else None,
        path=path if isinstance(path, str) else None,
        thread_fingerprint=thread_fingerprint,
    )


def _sign(marker: str) -> str:
    return f"<!-- migsafe:reply:{re.sub(r'[^A-Za-z0-9._:-]', '-', marker)[:200]} -->"


async def _post_once(api: RepositoryApi, rest: str, body: Json, listing: str, sign: str) -> bool:
    """Whether it is posted now; False if the comment or pull request to answer is gone."""
    path = api.path(rest)
    try:
        await api.client.write("POST", path, body)
    except Gone:
        return False
    except Uncertain:
        if not _is_posted(api, await api.list_all(listing), sign):
            await api.client.write("POST", path, body)
    return True


def _root(listed: Sequence[Json], comment_id: int) -> int | None:
    """The first comment of the thread: GitHub accepts no answers to answers."""
    comment = next((comment for comment in listed if dig(comment, "id") == comment_id), None)
    first = dig(comment, "in_reply_to_id")
    return first if isinstance(first, int) else comment_id if comment else None


def _is_posted(api: RepositoryApi, listed: Sequence[Json], sign: str) -> bool:
    return any(api.ours(comment) and str(dig(comment, "body") or "").rstrip().endswith(sign) for comment in listed)
