"""The analysis as SARIF 2.1.0, for code scanning."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from bot.core.judging.analysis import Analysis, UnreadPart
from bot.core.judging.findings import Finding, Severity
from bot.core.judging.rule import Rule
from bot.core.language.migrations import Lines
from bot.report.disclosure import OWNER
from bot.report.json_report import Value
from bot.report.markdown import clean, plain
from bot.report.rendering import text

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {Severity.DANGER: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}
_UNREAD = "not-read"


def render(analysis: Analysis, rules: Sequence[Rule], version: str = "") -> str:
    """The document as text, ending in a newline."""
    return json.dumps(document(analysis, rules, version), indent=2, ensure_ascii=False) + "\n"


def document(analysis: Analysis, rules: Sequence[Rule], version: str = "") -> dict[str, Value]:
    """One run with a result for each finding, allowed ones suppressed, and one for each part that was not read."""
    driver: dict[str, Value] = {"name": "migsafe", "rules": list(_descriptors(analysis, rules))}
    if version:
        driver["version"] = version
    results = [*(_result(one) for one in analysis.findings), *(_unread(one) for one in analysis.unread)]
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }


def _descriptors(analysis: Analysis, rules: Sequence[Rule]) -> Iterable[Value]:
    found = {finding.rule for finding in analysis.findings}
    for rule in rules:
        if rule.id in found:
            yield {
                "id": rule.id,
                "shortDescription": {"text": plain(rule.title)},
                "fullDescription": {"text": plain(rule.title)},
                "help": {"text": rule.explanation, "markdown": rule.explanation},
            }
    for id in sorted(found - {rule.id for rule in rules}):
        yield {"id": id, "shortDescription": {"text": id}}
    if analysis.unread:
        yield {"id": _UNREAD, "shortDescription": {"text": "A part of the migration could not be read"}}


def _result(finding: Finding) -> Value:
    result: dict[str, Value] = {
        "ruleId": finding.rule,
        "level": _LEVELS[finding.severity],
        "message": {"text": f"{text(finding.title, OWNER)}. {text(finding.message, OWNER)}"},
        "locations": [_location(finding.statement.path, finding.statement.lines)],
        "partialFingerprints": {"migsafe/v1": finding.fingerprint},
    }
    if finding.allowed is not None:
        kind = "inSource" if finding.allowed.line is not None else "external"
        result["suppressions"] = [{"kind": kind, "status": "accepted", "justification": clean(finding.allowed.reason)}]
    return result


def _unread(part: UnreadPart) -> Value:
    mark = hashlib.sha256(f"{part.path}\0{part.reason}".encode("utf-8", "surrogateescape")).hexdigest()[:20]
    return {
        "ruleId": _UNREAD,
        "level": "warning",
        "message": {"text": f"Not read: {plain(part.reason)}"},
        "locations": [_location(part.path, part.lines)],
        "partialFingerprints": {"migsafe/v1": mark},
    }


def _location(path: str, lines: Lines) -> Value:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(clean(path))},
            "region": {"startLine": lines.first, "endLine": lines.last},
        }
    }
