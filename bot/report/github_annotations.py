"""The analysis as GitHub's workflow commands, for a job that runs `migsafe check --format github`."""

from collections.abc import Iterator

from bot.core.judging.analysis import Analysis
from bot.core.judging.findings import Finding, Severity
from bot.core.language.migrations import Lines
from bot.report.accepted import accepted_findings
from bot.report.disclosure import OWNER
from bot.report.markdown import clean, plain
from bot.report.phrases import SEVERITIES
from bot.report.rendering import text

_COMMANDS = {Severity.DANGER: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(analysis: Analysis) -> str:
    """One line for each open finding, worst first, for each part that was not read, and for what somebody accepted."""
    lines = [*_findings(analysis), *_unread(analysis), *_accepted(analysis)]
    return "".join(f"{line}\n" for line in lines)


def _findings(analysis: Analysis) -> Iterator[str]:
    for severity in SEVERITIES:
        for finding in analysis.findings:
            if finding.allowed is None and finding.severity is severity:
                yield _finding(finding)


def _finding(finding: Finding) -> str:
    at = finding.statement
    message = f"{text(finding.message, OWNER)} [{finding.rule}]"
    return _command(_COMMANDS[finding.severity], at.path, at.lines, text(finding.title, OWNER), message)


def _unread(analysis: Analysis) -> Iterator[str]:
    for part in analysis.unread:
        yield _command("warning", part.path, part.lines, "Not read", plain(part.reason))


def _accepted(analysis: Analysis) -> Iterator[str]:
    for finding in accepted_findings(analysis):
        if finding.allowed is not None:
            at = finding.statement
            message = f"{text(finding.title, OWNER)} [{finding.rule}]. Reason: {plain(finding.allowed.reason)}"
            title = f"Accepted by {plain(finding.allowed.by)}: a {finding.severity.value}"
            yield _command("notice", at.path, at.lines, title, message)


def _command(command: str, path: str, lines: Lines, title: str, message: str) -> str:
    places = f"file={_property(path)},line={lines.first},endLine={lines.last},title={_property(title)}"
    return f"::{command} {places}::{_data(message)}"


def _data(text: str) -> str:
    return clean(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
