"""Everything asked of GitHub; the only users of githubkit and httpx."""
