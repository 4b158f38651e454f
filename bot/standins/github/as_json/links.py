"""Addresses and node ids, which all other JSON uses."""

import base64

from bot.standins.github.stand_in import StandIn


def web(github: StandIn, path: str) -> str:
    """The address of a page for people."""
    return f"{github.url}/-/{path}"


def node(kind: str, number: int | str) -> str:
    """A node id; `unnode` reads it back."""
    return base64.urlsafe_b64encode(f"{kind}:{number}".encode()).decode()


def unnode(text: str) -> tuple[str, str]:
    """(kind, number) of a node id, two empty strings if it is not ours."""
    try:
        kind, _, number = base64.urlsafe_b64decode(text.encode()).decode().partition(":")
    except ValueError:
        return "", ""
    return kind, number
