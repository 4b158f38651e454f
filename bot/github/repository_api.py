"""A repository as the functions of this package use it: its address, and our own account in it."""

from dataclasses import dataclass
from urllib.parse import quote

from bot.github.client import Client
from bot.github.errors import Gone
from bot.github.read import Json, dig


@dataclass(frozen=True, slots=True)
class RepositoryApi:
    """The API below one repository. `bot` is the login under which the App comments."""

    client: Client
    full_name: str
    bot: str
    app_id: int

    @property
    def owner(self) -> str:
        return self.full_name.partition("/")[0]

    def path(self, rest: str = "") -> str:
        """The API's path below this repository; `rest` must be quoted already."""
        return f"/repos/{quote(self.full_name)}" + (f"/{rest}" if rest else "")

    def ours(self, entry: Json) -> bool:
        """Whether this review or comment is the App's own: no person can have brackets in a login."""
        return dig(entry, "user", "login") == self.bot

    async def list_all(self, rest: str) -> list[Json]:
        """A list below this repository; empty if there is no such list."""
        try:
            return await self.client.pages(self.path(rest))
        except Gone:
            return []
