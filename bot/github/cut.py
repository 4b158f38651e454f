"""Cuts Markdown to a length without leaving a fence or a fold open behind the cut."""

import re

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_FOLD = re.compile(r"<(/?)details\b", re.IGNORECASE)


def cut(markdown: str, limit: int) -> str:
    """At most `limit` characters: whole lines from the start, open fences and folds closed, and a note at the end."""
    if len(markdown) <= limit:
        return markdown
    note = f"\n\n*Cut here: GitHub shows at most {limit:,} characters.*"
    kept: list[str] = []
    length, fence, folds = 0, "", 0
    closing = ""
    for line in markdown.split("\n"):
        next_fence, next_folds = _after(line, fence, folds)
        next_closing = (f"\n{next_fence}" if next_fence else "") + "\n\n</details>" * next_folds
        if length + len(line) + 1 + len(next_closing) + len(note) > limit:
            break
        kept.append(line)
        length += len(line) + 1
        fence, folds, closing = next_fence, next_folds, next_closing
    if not kept:
        return markdown[: max(limit - len(note), 0)].split("`")[0] + note if limit > len(note) else markdown[:limit]
    return "\n".join(kept) + closing + note


def _after(line: str, fence: str, folds: int) -> tuple[str, int]:
    """The open fence and the number of open folds after the line."""
    found = _FENCE.match(line)
    if fence:
        closes = found and found[1].startswith(fence) and not line.strip().strip(fence[0])
        return ("" if closes else fence), folds
    if found:
        return found[1], folds
    opened = sum(-1 if slash else 1 for slash in _FOLD.findall(line))
    return "", max(folds + opened, 0)
