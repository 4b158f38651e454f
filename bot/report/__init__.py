"""What people and machines see: findings in, comments, check run, runbook, timeline, JSON and SARIF out.

Text is written only here. The core has messages as values (`bot.core.language.messages`); `rendering` puts them into
words for a `Reader`, who may know everything, or on a public repository neither sizes nor the names that only the
catalog has (`disclosure`, `secrets`). `words` has the wording of figures and lists, `phrases` what several reports
share. It knows only the core, and does no I/O. Absent on purpose: any decision; these were made in
`bot.core.judging`.
"""
