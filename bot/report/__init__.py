"""What people and machines see: findings in, comments, check run, runbook, timeline, JSON and SARIF out.

Text is made here and nowhere else, and what a reader may not see (sizes and names on a public repository) is withheld
here. It may know the core only, and does no I/O. Absent on purpose: any decision; what is said was decided in
`bot.core.judging`.
"""
