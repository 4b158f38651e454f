"""What people and machines see: findings in, comments, check run, runbook, timeline, JSON and SARIF out.

Text is made here and nowhere else. The core says things as values (`bot.core.language.messages`); `rendering` puts them
into words for a `Reader`, who may know all, or on a public repository neither sizes nor the names that only the catalog
has (`disclosure`). How figures and lists are worded stands in `words`, what several reports say alike in `phrases`. It
may know the core only, and does no I/O. Absent on purpose: any decision; what is said was decided in
`bot.core.judging`.
"""
