"""Replaces the text of what we have posted on a pull request, because more people can read it now."""

import re

from bot.github.errors import Gone, Uncertain
from bot.github.read import Json, dig, number
from bot.github.repository_api import RepositoryApi

_REPLY = re.compile(r"<!-- migsafe:reply:\S{1,200} -->\s*\Z")


async def withdraw_texts(api: RepositoryApi, pull_number: int, instead: str) -> None:
    """Replaces the bodies of our reviews, and our answers in the conversation and in threads.

    An answer keeps its marker, so that its command is not answered again; a review loses its own, so that its findings
    are reported anew. GitHub keeps earlier versions for people who may see a comment's history.
    """
    for review in await api.list_all(f"pulls/{pull_number}/reviews"):
        if api.ours(review) and str(dig(review, "body") or "").strip():
            await _replace(api, "PUT", f"pulls/{pull_number}/reviews/{number(review, 'id')}", review, instead)
    for listing, place in ((f"issues/{pull_number}/comments", "issues"), (f"pulls/{pull_number}/comments", "pulls")):
        for comment in await api.list_all(listing):
            sign = _REPLY.search(str(dig(comment, "body") or ""))
            if api.ours(comment) and sign is not None:
                words = f"{instead}\n\n{sign[0].strip()}"
                await _replace(api, "PATCH", f"{place}/comments/{number(comment, 'id')}", comment, words)


async def _replace(api: RepositoryApi, method: str, rest: str, posted: Json, body: str) -> None:
    """Sets the body, unless it is set already; what is gone needs none."""
    if dig(posted, "body") == body:
        return
    try:
        await api.client.write(method, api.path(rest), {"body": body})
    except Gone:
        return
    except Uncertain:
        await api.client.write(method, api.path(rest), {"body": body})
