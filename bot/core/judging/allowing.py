"""Which findings count as accepted: by a person, or by an allow in the file as far as that may."""

from collections.abc import Iterator, Mapping, Sequence

from bot.core.judging.findings import Allowed, Finding, Severity
from bot.core.judging.policy import AcceptPolicy
from bot.core.language.migrations import RELEASED, Allow, Migration, Run
from bot.core.record import record, replace

IN_FILE = "the file"
"""Who accepted it where nobody knows who wrote the file: on a machine of one's own."""


@record
class FileAuthors:
    """Who wrote a file, as far as its allows of dangers depend on that: logins, or why they do not count (a clause).

    `at` is when it was committed last, ISO 8601, "" if that is not known.
    """

    by: str = IN_FILE
    refused: str = ""
    at: str = ""


@record
class Uncounted:
    """An acceptance that does not count, at its place: the allow's line in the file, or the finding's statement.

    `why` is a clause that may hold `code`; "" where only the author of the file is unknown. `final`: nobody may accept.
    """

    path: str
    line: int
    rule: str
    why: str
    reason: str = ""
    final: bool = False


@record
class Lapsed:
    """An acceptance in the pull request that does not count for a danger: `why` is a clause that may hold `code`."""

    allowed: Allowed
    why: str


@record
class Acceptances:
    """What may accept a finding.

    `confirmed`: fingerprint -> who accepted it in the pull request. `lapsed`: the same for what counts no more, or
    never did, for a danger. `authors`: path -> who wrote the file; None: every allow in a file counts, as on a machine
    of one's own; a path that is missing: its allows of dangers wait for somebody who may.
    """

    confirmed: Mapping[str, Allowed]
    lapsed: Mapping[str, Lapsed]
    authors: Mapping[str, FileAuthors] | None = None


@record
class Accepted:
    """The findings with who accepted them, the allows that silenced nothing, and the acceptances that do not count."""

    findings: tuple[Finding, ...]
    unused: tuple[tuple[str, Allow], ...]
    uncounted: tuple[Uncounted, ...]


def accept(run: Run, findings: Sequence[Finding], known: Acceptances, policy: AcceptPolicy) -> Accepted:
    """Applies what people accepted to the findings."""
    directives = [(migration, allow) for migration in run.migrations for allow in migration.allows]
    used: set[int] = set()
    result: list[Finding] = []
    uncounted: list[Uncounted] = []
    for finding in findings:
        concerned = [at for at, (migration, allow) in enumerate(directives) if _concerns(migration, allow, finding)]
        used.update(concerned)
        allows = [directives[at][1] for at in concerned]
        by = _accepted(finding, allows, known, policy)
        result.append(replace(finding, allowed=by))
        if by is None:
            uncounted += _uncounted(finding, allows, known, policy)
    unused = [
        (migration.path, allow)
        for at, (migration, allow) in enumerate(directives)
        if at not in used and not (allow.rule == RELEASED and allow.reason.strip())
    ]
    return Accepted(tuple(result), tuple(unused), tuple(uncounted))


def _accepted(finding: Finding, allows: Sequence[Allow], known: Acceptances, policy: AcceptPolicy) -> Allowed | None:
    danger = finding.severity is Severity.DANGER
    if danger and finding.rule in policy.never:
        return None
    confirmed = known.confirmed.get(finding.fingerprint)
    if confirmed is None and not danger and finding.fingerprint in known.lapsed:
        confirmed = known.lapsed[finding.fingerprint].allowed
    if confirmed is not None or not allows:
        return confirmed
    authors = FileAuthors() if known.authors is None else known.authors.get(finding.statement.path)
    if danger and (authors is None or authors.refused):
        return None
    if authors is None or authors.refused:
        return Allowed(IN_FILE, allows[0].reason, allows[0].line)
    return Allowed(authors.by, allows[0].reason, allows[0].line, authors.at)


def _uncounted(
    finding: Finding, allows: Sequence[Allow], known: Acceptances, policy: AcceptPolicy
) -> Iterator[Uncounted]:
    """Why nothing accepts it though somebody wanted to; nothing where nobody did."""
    path, rule = finding.statement.path, finding.rule
    wanted = allows or finding.fingerprint in known.confirmed or finding.fingerprint in known.lapsed
    if wanted and rule in policy.never:
        line = allows[0].line if allows else finding.statement.lines.first
        yield Uncounted(path, line, rule, "`accept.never` names this rule: nobody may accept it", final=True)
        return
    if finding.fingerprint in known.lapsed:
        lapsed = known.lapsed[finding.fingerprint]
        yield Uncounted(path, finding.statement.lines.first, rule, lapsed.why, lapsed.allowed.reason)
    authors = (known.authors or {}).get(path)
    for allow in allows:
        yield Uncounted(path, allow.line, rule, authors.refused if authors is not None else "", allow.reason)


def _concerns(migration: Migration, allow: Allow, finding: Finding) -> bool:
    return (
        bool(allow.reason.strip())
        and allow.rule == finding.rule
        and migration.path == finding.statement.path
        and allow.statement_line == finding.statement.lines.first
    )
