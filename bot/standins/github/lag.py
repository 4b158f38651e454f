"""How far GitHub's API is behind what happened: commits, heads and pull requests that webhooks name already.

All times are seconds on the stand-in's clock (`Hosting.now`), so that a test can also `advance` past them.
"""

from dataclasses import dataclass, field, replace

from bot.standins.github.model import Pull


@dataclass(slots=True)
class Lag:
    """What is pushed from now on is seen later by so much; nothing is late unless it is asked for."""

    commits: float = 0.0
    """A pushed commit and its files: 404, and 422 "No commit found for SHA" for a check run."""
    forks: float = 0.0
    """The same for a push to a fork."""
    heads: float = 0.0
    """A pull request shows the head that it had before."""
    opened: float = 0.0
    """A pull request that was just opened is not found, nor its files, commits and comparison."""
    _late: dict[str, float] = field(default_factory=dict)
    _heads: dict[int, list[tuple[str, float]]] = field(default_factory=dict)
    _pulls: dict[int, float] = field(default_factory=dict)

    @property
    def asked_for(self) -> bool:
        return bool(self.commits or self.forks or self.heads or self.opened)

    def pushed(self, pull: Pull, fresh: set[str], before: str | None, now: float) -> None:
        """Notes a push of the objects `fresh`; `before` is the head until then, None for a new pull request."""
        own = self.forks if pull.head_repository is not pull.repository else self.commits
        until = now + max(own, self.opened if before is None else 0.0)
        if until > now:
            self._late |= dict.fromkeys(fresh, until)
        if before is None:
            self._pulls[pull.id] = now + self.opened
        elif self.heads:
            self._heads.setdefault(pull.id, []).append((before, now + self.heads))

    def is_there(self, sha: str, now: float) -> bool:
        """Whether the object can be read by now."""
        return self._late.get(sha, 0.0) <= now

    def is_found(self, pull: Pull, now: float) -> bool:
        return self._pulls.get(pull.id, 0.0) <= now

    def shown(self, pull: Pull, now: float) -> Pull:
        """The pull request as the API shows it now, perhaps with a head that it had before."""
        for head, until in self._heads.get(pull.id, []):
            if now < until:
                return replace(pull, head_sha=head)
        return pull
