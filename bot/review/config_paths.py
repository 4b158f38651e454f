"""Where a repository's configuration may stand; apart from its reading, which a check without a file does not load."""

PATHS = (".github/migsafe.yml", ".migsafe.yml")
"""In a repository; the first found counts."""

ORGANISATION_PATHS = (".github/migsafe.yml", "migsafe.yml")
"""In the organisation's `.github` repository, for repositories that have none."""
