"""Writes a review to GitHub: withdraws comments that no longer hold, and posts new findings."""

import asyncio
from collections.abc import Sequence

from bot.core.judging.analysis import Analysis
from bot.report.accepted import accepted_comment
from bot.report.comment import review
from bot.report.disclosure import Disclosure
from bot.report.markdown import fingerprints_in, marker
from bot.review.diff import shown_lines
from bot.review.errors import MissingPermission
from bot.review.hub import ChangedFile, Hub, PostedComment, PullRequest
from bot.rules import RULES

NO_LONGER = "<!-- migsafe:gone -->"


async def publish_review(
    hub: Hub,
    pull: PullRequest,
    changed: Sequence[ChangedFile],
    analysis: Analysis | None,
    disclosure: Disclosure,
    *,
    kept: bool,
) -> str | None:
    """Withdraws what no longer holds, then posts what is new. Without an analysis everything is withdrawn.

    `kept`: the further files of the plan are kept, so that a suggestion may move a statement to them.

    Returns why the review may not be posted, None if it is. Raises HubError; what GitHub refuses may pass.
    """
    try:
        posted = await _withdraw_comments(hub, pull, analysis)
        if analysis is not None:
            await _post_new(hub, pull, changed, analysis, disclosure, posted, kept=kept)
    except MissingPermission as refused:
        return str(refused)
    return None


async def retract_comment(hub: Hub, comment: PostedComment, instead: str) -> None:
    """Deletes it; if somebody replied, keeps the thread and replaces the text by `instead`."""
    if not comment.has_replies:
        await hub.delete_comment(comment)
    elif not comment.body.rstrip().endswith(NO_LONGER):
        await hub.edit_comment(comment, f"{instead}\n\n{NO_LONGER}")


async def _withdraw_comments(hub: Hub, pull: PullRequest, analysis: Analysis | None) -> set[str]:
    """Retracts comments whose findings all no longer hold; returns the fingerprints that stay posted."""
    findings = analysis.findings if analysis is not None else ()
    holding = {finding.fingerprint for finding in findings if finding.allowed is None}
    accepted = {finding.fingerprint: finding for finding in findings if finding.allowed is not None}
    posted: set[str] = set()
    for comment in await hub.posted_comments(pull.number):
        fingerprints = fingerprints_in(comment.body)
        ended = comment.body.rstrip().endswith(NO_LONGER)
        allowed = [accepted[fingerprint] for fingerprint in fingerprints if fingerprint in accepted]
        if not holding.isdisjoint(fingerprints):
            if ended:
                await _retract_acceptance(hub, comment)
            else:
                posted.update(fingerprints)
        elif allowed:
            # Whoever accepted it, and why, stays where the finding was discussed.
            marks = "\n".join(marker(one.fingerprint) for one in allowed)
            said = f"{accepted_comment(allowed)}\n\n{marks}\n{NO_LONGER}"
            if comment.body.rstrip() != said:
                await hub.edit_comment(comment, said)
        else:
            await retract_comment(hub, comment, f"No longer reported at {pull.head_sha[:7]}.")
    return posted & holding


async def _retract_acceptance(hub: Hub, comment: PostedComment) -> None:
    """What it says is accepted is reported again, by a comment of its own."""
    if comment.has_replies:
        await hub.edit_comment(comment, f"No longer accepted, and reported again.\n\n{NO_LONGER}")
    else:
        await hub.delete_comment(comment)


async def _post_new(
    hub: Hub,
    pull: PullRequest,
    changed: Sequence[ChangedFile],
    analysis: Analysis,
    disclosure: Disclosure,
    posted: set[str],
    *,
    kept: bool,
) -> None:
    explanations = {rule.id: rule.explanation for rule in RULES}
    shown = shown_lines(changed)
    new = await asyncio.to_thread(review, analysis, posted, disclosure, shown, explanations, kept=kept)
    if new is not None:
        await hub.post_review(pull, new)
