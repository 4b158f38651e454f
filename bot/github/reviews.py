"""Posts a review: comments on the lines that the diff shows, the rest in the body, and nothing twice."""

import asyncio
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.core.language.migrations import Lines
from bot.github.cut import cut
from bot.github.errors import Gone, MissingPermission, Transient, Uncertain, Unprocessable
from bot.github.read import Json, dig, number
from bot.github.repository_api import RepositoryApi
from bot.report.markdown import code
from bot.report.shapes import BODY_LIMIT, INLINE_LIMIT, MARKER, InlineComment, Review, fingerprint_of
from bot.review.diff import fits, nearest, shown_lines
from bot.review.errors import HubError
from bot.review.hub import ChangedFile, PostedComment, PullRequest

WHOLE_FILE_LIMIT = 10
"""The most comments on whole files, because each sends a mail of its own."""
NAMED_LIMIT = 150
"""The most findings that the end of a body names; with the longest names they fill half of it."""
_LONGEST_PATH = 1_000
"""Characters of a file's name that are shown."""
_SUGGESTION = re.compile(r"^( {0,3}(?:`{3,}|~{3,}))suggestion\b", re.MULTILINE)
_MARK = re.compile(r"<!-- migsafe:([A-Za-z0-9._-]{1,200}) -->")
_SIGNED = re.compile(r"<!-- migsafe:review:\S{1,100} -->\s*\Z")
_MINIMIZE = """mutation($id: ID!) {
  minimizeComment(input: {subjectId: $id, classifier: OUTDATED}) { minimizedComment { isMinimized } }
}"""


@dataclass(frozen=True, slots=True)
class _Draft:
    """What will be posted: the body, comments on lines that the diff shows (`inline`), and the others (`unplaced`)."""

    body: str
    inline: tuple[InlineComment, ...]
    unplaced: tuple[InlineComment, ...]


async def post(api: RepositoryApi, pull: PullRequest, review: Review, changed: Sequence[ChangedFile]) -> None:
    """Posts it unless it is there already; comments that fit on no line of the diff go into its body."""
    earlier = await _list_own_reviews(api, pull.number)
    if any(_carries(posted, _marker(pull, review)) for posted in earlier):
        review = replace(review, comments=await _find_missing(api, pull.number, review.comments))
        if not review.comments:
            return
    draft = _placed(review, changed, _reported(earlier))
    if draft is None:
        return
    marker = _marker(pull, review)
    try:
        await _create(api, pull, draft, marker)
    except Unprocessable as error:
        if "pending review" in str(error):
            await _drop_pending(api, pull.number)
            await _create(api, pull, draft, marker)
        elif "not part of the pull request" in str(error):
            raise Transient("The head was replaced while it was reviewed", retry_after=2.0) from error
        elif draft.inline:
            unplaced = await _comment_on_whole_files(api, pull, draft.inline)
            await _create(api, pull, replace(draft, inline=(), unplaced=(*draft.unplaced, *unplaced)), marker)
        else:
            raise


async def list_posted(api: RepositoryApi, pull_number: int) -> Sequence[PostedComment]:
    """Our own inline comments that name a finding; markers of other people are ignored."""
    comments = await api.list_all(f"pulls/{pull_number}/comments")
    answered = {dig(comment, "in_reply_to_id") for comment in comments}
    posted: list[PostedComment] = []
    for comment in comments:
        if not api.ours(comment) or dig(comment, "in_reply_to_id"):
            continue
        body = str(dig(comment, "body") or "")
        fingerprint = fingerprint_of(body)
        if fingerprint:
            comment_id = number(comment, "id")
            posted.append(
                PostedComment(
                    id=comment_id,
                    path=str(dig(comment, "path") or ""),
                    fingerprint=fingerprint,
                    body=body,
                    has_replies=comment_id in answered,
                    node_id=str(dig(comment, "node_id") or ""),
                )
            )
    return posted


async def delete(api: RepositoryApi, comment: PostedComment) -> None:
    """Deletes it; a comment that is gone already is no error."""
    path = api.path(f"pulls/comments/{comment.id}")
    try:
        await api.client.write("DELETE", path)
    except Gone:
        return
    except Uncertain:
        try:
            await api.client.write("DELETE", path)
        except Gone:
            return


async def edit(api: RepositoryApi, comment: PostedComment, body: str) -> None:
    """Replaces the text; hides the comment as outdated if the text no longer has the finding's marker."""
    path = api.path(f"pulls/comments/{comment.id}")
    shown = {"body": _fitting(body)}
    try:
        await api.client.write("PATCH", path, shown)
    except Gone:
        return
    except Uncertain:
        await api.client.write("PATCH", path, shown)
    if comment.fingerprint not in _marks(body) and comment.node_id:
        await minimise(api, comment.node_id)


async def minimise(api: RepositoryApi, node_id: str) -> None:
    """Hides a comment as outdated; if GitHub does not permit it, the comment stays as it is."""
    try:
        await api.client.graphql(_MINIMIZE, {"id": node_id})
    except HubError:
        return


def _placed(review: Review, changed: Sequence[ChangedFile], reported: frozenset[str]) -> _Draft | None:
    """Decides where each comment goes; None if the body of an earlier review says all of it already."""
    shown = shown_lines(changed)
    inline: list[InlineComment] = []
    unplaced: list[InlineComment] = []
    for comment in review.comments:
        placed = _on_shown_lines(comment, shown)
        if placed and len(inline) < INLINE_LIMIT:
            inline.append(placed)
        elif comment.fingerprint not in reported:
            unplaced.append(comment)
    in_body = _marks(review.body)
    if not inline and not unplaced and (review.comments or in_body) and reported.issuperset(in_body):
        return None
    return _Draft(review.body, tuple(inline), tuple(unplaced))


def _on_shown_lines(comment: InlineComment, shown: Mapping[str, tuple[Lines, ...]]) -> InlineComment | None:
    """The comment on lines that the diff shows, or None; a suggestion fits only on exactly its lines."""
    lines = shown.get(comment.path, ())
    if len(comment.body) > BODY_LIMIT:
        return None
    if fits(lines, comment.first_line, comment.last_line):
        return comment
    part = nearest(lines, comment.first_line, comment.last_line)
    if part is None or _SUGGESTION.search(comment.body):
        return None
    return replace(comment, first_line=part[0], last_line=part[1])


async def _create(api: RepositoryApi, pull: PullRequest, draft: _Draft, marker: str) -> None:
    body = {
        "commit_id": pull.head_sha,
        "event": "COMMENT",
        "body": _body(draft, marker),
        "comments": [_comment(comment) for comment in draft.inline],
    }
    path = api.path(f"pulls/{pull.number}/reviews")
    try:
        await api.client.write("POST", path, body)
    except Uncertain:
        if not await _has_appeared(api, pull.number, marker):
            await _create_again(api, pull.number, path, body, marker)


async def _create_again(api: RepositoryApi, pull_number: int, path: str, body: Json, marker: str) -> None:
    try:
        await api.client.write("POST", path, body)
    except Uncertain:
        if not await _has_appeared(api, pull_number, marker):
            raise


async def _has_appeared(api: RepositoryApi, pull_number: int, marker: str) -> bool:
    """Whether the review whose answer was lost was posted after all; GitHub may show it late."""
    for wait in api.client.waits:
        await asyncio.sleep(wait)
        if any(_carries(review, marker) for review in await _list_own_reviews(api, pull_number)):
            return True
    return False


async def _list_own_reviews(api: RepositoryApi, pull_number: int) -> list[Json]:
    listed = await api.list_all(f"pulls/{pull_number}/reviews")
    return [review for review in listed if api.ours(review)]


async def _find_missing(
    api: RepositoryApi, pull_number: int, comments: Sequence[InlineComment]
) -> tuple[InlineComment, ...]:
    """Comments that are gone although their review is there: a head that came back needs them again."""
    posted = {comment.fingerprint for comment in await list_posted(api, pull_number)}
    return tuple(comment for comment in comments if comment.fingerprint not in posted)


async def _drop_pending(api: RepositoryApi, pull_number: int) -> None:
    for review in await _list_own_reviews(api, pull_number):
        if dig(review, "state") == "PENDING":
            await api.client.write("DELETE", api.path(f"pulls/{pull_number}/reviews/{number(review, 'id')}"))


async def _comment_on_whole_files(
    api: RepositoryApi, pull: PullRequest, comments: Sequence[InlineComment]
) -> tuple[InlineComment, ...]:
    """Posts the comments on their files instead of their lines; returns those that GitHub refuses here, too."""
    left: list[InlineComment] = list(comments[WHOLE_FILE_LIMIT:])
    for comment in comments[:WHOLE_FILE_LIMIT]:
        body = {
            "body": _fitting(f"{_lines(comment)}\n\n{_plain(comment.body)}"),
            "commit_id": pull.head_sha,
            "path": comment.path,
            "subject_type": "file",
        }
        try:
            await api.client.write("POST", api.path(f"pulls/{pull.number}/comments"), body)
        except (Unprocessable, MissingPermission, Gone):
            left.append(comment)
        except Uncertain:
            if comment.fingerprint not in {posted.fingerprint for posted in await list_posted(api, pull.number)}:
                left.append(comment)
    return tuple(left)


def _comment(comment: InlineComment) -> Json:
    last: Json = {"path": comment.path, "body": comment.body, "line": comment.last_line, "side": "RIGHT"}
    several = comment.first_line < comment.last_line
    return {**last, "start_line": comment.first_line, "start_side": "RIGHT"} if several else last


def _body(draft: _Draft, marker: str) -> str:
    """The body, then what could not be inline; all markers are at the end, where no quoted text can be."""
    parts = [_unmarked(draft.body)]
    marks = list(_marks(draft.body))
    for comment in draft.unplaced:
        place = f"**{code(comment.path, limit=_LONGEST_PATH)}, {_lines(comment)}**"
        parts.append(f"{place}\n\n{_plain(_unmarked(comment.body))}")
        marks += _marks(comment.body)
    named = [MARKER.format(mark) for mark in dict.fromkeys(marks)][:NAMED_LIMIT]
    end = "\n".join([*named, marker])
    shown = cut("\n\n".join(parts), BODY_LIMIT - len(end) - 2)
    return f"{shown}\n\n{end}"


def _marks(body: str) -> tuple[str, ...]:
    """The findings named by the markers at the end of a body."""
    return _parted(body)[1]


def _unmarked(body: str) -> str:
    return _parted(body)[0]


def _parted(body: str) -> tuple[str, tuple[str, ...]]:
    """A body without the markers at its end, and what they name."""
    marks: list[str] = []
    rest = body.rstrip()
    while rest.endswith("-->"):
        start = rest.rfind("<!--")
        mark = _MARK.fullmatch(rest, start) if start >= 0 else None
        if mark is None:
            break
        marks.append(mark[1])
        rest = rest[:start].rstrip()
    return rest, tuple(reversed(marks))


def _plain(body: str) -> str:
    """The body with its suggestions as plain code: they work only on their lines."""
    return _SUGGESTION.sub(r"\1", body)


def _fitting(body: str) -> str:
    """The body cut to the limit, with its markers still last."""
    if len(body) <= BODY_LIMIT:
        return body
    end = "\n\n" + "\n".join(MARKER.format(mark) for mark in _marks(body))
    return cut(_unmarked(body), BODY_LIMIT - len(end)) + end


def _lines(comment: InlineComment) -> str:
    several = comment.first_line < comment.last_line
    return f"lines {comment.first_line} to {comment.last_line}" if several else f"line {comment.first_line}"


def _marker(pull: PullRequest, review: Review) -> str:
    """Identifies this review: the same findings on the same head are the same review."""
    content = [review.body, *(f"{each.path}:{each.first_line}:{each.fingerprint}" for each in review.comments)]
    digest = hashlib.sha256("\n".join(content).encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"<!-- migsafe:review:{pull.head_sha[:12]}:{digest} -->"


def _carries(review: Json, marker: str) -> bool:
    return str(dig(review, "body") or "").rstrip().endswith(marker)


def _reported(earlier: Sequence[Json]) -> frozenset[str]:
    """Findings in the body of an earlier review of ours."""
    bodies = (str(dig(review, "body") or "") for review in earlier)
    return frozenset(mark for body in bodies for mark in _marks(_SIGNED.sub("", body)))
