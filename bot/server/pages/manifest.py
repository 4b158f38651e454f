"""What the App asks of GitHub: its permissions and events, for `app.yml`, the set-up page and the doctor."""

from collections.abc import Mapping
from typing import Any

from bot.server.events import EVENTS
from bot.server.events.declaration import Events

PERMISSIONS: Mapping[str, str] = {
    "metadata": "read",
    "contents": "read",
    "checks": "write",
    "pull_requests": "write",
    "issues": "read",
    "merge_queues": "read",
}
"""`issues: read` because GitHub requires it for subscribing to issue_comment."""

DESCRIPTION = "Reviews PostgreSQL migrations in pull requests the way the best DBA would."


def manifest(base_url: str, name: str, events: Events = EVENTS) -> dict[str, Any]:
    """The App manifest for a server at `base_url`, which is where GitHub will deliver."""
    return {
        "name": name,
        "url": base_url,
        "description": DESCRIPTION,
        "hook_attributes": {"url": f"{base_url}/webhook", "active": True},
        "redirect_url": f"{base_url}/setup/done",
        "public": False,
        "default_permissions": dict(PERMISSIONS),
        "default_events": list(events.names),
    }
