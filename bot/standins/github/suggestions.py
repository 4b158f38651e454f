"""A person commits a suggestion: what GitHub puts in its place, and what it refuses to apply."""

import re

from bot.standins.github.model import ReviewComment
from bot.standins.github.stand_in import StandIn

_BLOCK = re.compile(r"^(?P<fence>`{3,}|~{3,})[ \t]*suggestion[ \t]*\n(?P<text>.*?)^(?P=fence)[ \t]*$", re.M | re.S)


class NotApplied(Exception):
    """GitHub does not apply the suggestion; the message says why."""


def apply(github: StandIn, comment: ReviewComment, by: str) -> str:
    """The new head, with the comment's lines replaced by the text of its suggestion. Raises NotApplied."""
    pull = comment.pull
    found = _BLOCK.search(comment.body)
    if found is None or comment.line is None:
        raise NotApplied("the comment has no suggestion on lines")
    if comment.side != "RIGHT" or comment.start_side == "LEFT":
        raise NotApplied("Suggestions on deleted lines are not supported.")
    if comment.outdated:
        raise NotApplied("Suggestions cannot be applied on outdated comments.")
    if pull.state != "open":
        raise NotApplied("Suggestions cannot be applied while the pull request is closed.")
    first = comment.start_line or comment.line
    if _removed_between(github, comment, first, comment.line):
        raise NotApplied("Applying suggestions on deleted lines is not supported.")
    _, sha = github.objects.files(pull.head_sha)[comment.path]
    lines = github.objects.blobs[sha].decode().split("\n")
    text = found["text"].removesuffix("\n")
    put = text.split("\n") if found["text"] else []
    if lines[first - 1 : comment.line] == put:
        raise NotApplied("Suggestions cannot be applied because no changes were made to the code.")
    changed = "\n".join([*lines[: first - 1], *put, *lines[comment.line :]])
    comment.resolved = True
    message = f"Update {comment.path.rpartition('/')[2]}\n\nCo-authored-by: {comment.author.login}"
    return github.push(pull, {comment.path: changed}, message=message, author=by, committer="web-flow")


def _removed_between(github: StandIn, comment: ReviewComment, first: int, last: int) -> bool:
    """Whether the hunk has a removed line after the first and before the last of these lines of the new file."""
    file = next((each for each in github.files_of(comment.pull) if each.path == comment.path), None)
    for hunk in file.hunks if file else ():
        number = hunk.new_start
        for line in hunk.lines:
            if line[0] == "-":
                if first < number <= last:
                    return True
            else:
                number += 1
    return False
