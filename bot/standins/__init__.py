"""What the App talks to, on this machine: a GitHub, a PostgreSQL with a production's tables, and the App's own process.

`migsafe demo` and the tests use them. The room knows nothing of the App's code: `github` speaks HTTP, `postgres`
and `database` SQL, and `app_process` runs the command `migsafe serve` with an environment. Deliberately absent: any
mock of a class of ours, any file outside this package, and everything of GitHub that the App does not use.
"""
