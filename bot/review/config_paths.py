"""Where a repository's configuration may be. A module of its own, because a check without a file loads no more."""

PATHS = (".github/migsafe.yml", ".migsafe.yml")
"""In a repository; the first that exists counts."""

ORGANISATION_PATHS = (".github/migsafe.yml", "migsafe.yml")
"""In the organisation's `.github` repository, for repositories that have none."""
