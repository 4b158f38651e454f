"""The analysis as JSON: the contract of `migsafe check --format json`. Additive changes only."""

import json
from collections.abc import Iterable, Iterator

from bot.core.cost.estimate import Estimate
from bot.core.judging.analysis import Analysis
from bot.core.judging.findings import ChecklistItem, Finding, Severity
from bot.core.judging.rule import Timed
from bot.core.language.facts import InTransaction, Lock
from bot.core.language.locks import LockMode
from bot.core.language.migrations import Migration, Statement
from bot.core.language.names import Name
from bot.core.schema.catalog import Catalog
from bot.report.accepted import accepted_findings, accepted_title, acknowledged_items
from bot.report.disclosure import OWNER
from bot.report.markdown import clean
from bot.report.phrases import timed_by_statement
from bot.report.rendering import source

SCHEMA_VERSION = 1

Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]


def render(analysis: Analysis) -> str:
    """The document as text, ending in a newline."""
    return json.dumps(document(analysis), indent=2, ensure_ascii=False) + "\n"


def document(analysis: Analysis) -> dict[str, Value]:
    """Seconds, bytes, rows; lines 1-based and inclusive; names schema-qualified; lock modes as in `pg_locks`."""
    timed = timed_by_statement(analysis)
    return {
        "schema": SCHEMA_VERSION,
        "postgres": analysis.major,
        "replica": _replica(analysis.catalog),
        "verdict": analysis.verdict.value,
        "migrations": [_migration(migration, timed) for migration in analysis.run.migrations],
        "findings": [_finding(finding) for finding in analysis.findings],
        "unread": [
            {"path": clean(part.path), "line": part.lines.first, "reason": clean(part.reason)}
            for part in analysis.unread
        ],
        "checklist": [_item(item) for item in analysis.checklist],
        "accepted": _accepted(analysis),
        "uncounted": [
            {"path": clean(one.path), "line": one.line, "rule": clean(one.rule), "reason": clean(one.why)}
            for one in analysis.uncounted
        ],
    }


def _replica(catalog: Catalog | None) -> Value:
    return {"at": catalog.at, "standby": catalog.standby} if catalog is not None else None


def _migration(migration: Migration, timed: dict[int, Timed]) -> Value:
    return {
        "path": clean(migration.path),
        "framework": migration.framework,
        "transactional": migration.transactional,
        "statements": [_statement(statement, timed.get(id(statement))) for statement in migration.statements],
    }


def _statement(statement: Statement, timed: Timed | None) -> Value:
    return {
        "line": statement.lines.first,
        "end_line": statement.lines.last,
        "sql": clean(statement.sql),
        "operations": [type(one).__name__ for one in statement.operations if type(one).__name__ != "Unread"],
        "transaction": statement.transaction,
        "effects": _effects(timed),
        "estimate": _estimate(timed.estimate) if timed is not None else None,
    }


def _effects(timed: Timed | None) -> Value:
    """What the statement itself takes and does on relations that existed before the run."""
    if timed is None:
        return {
            "locks": [],
            "rewrites": [],
            "scans": [],
            "index_builds": [],
            "in_transaction": "allowed",
            "blocks": "nothing",
            "assumptions": [],
        }
    effects = timed.effects
    locks = list(_locks(timed))
    return {
        "locks": [{"relation": _name(relation), "mode": mode.value} for relation, mode in locks],
        "rewrites": _names(name for name in effects.rewrites if not _is_new(name, timed)),
        "scans": _names(name for name in effects.scans if not _is_new(name, timed)),
        "index_builds": _names(_builds(timed)),
        "in_transaction": effects.in_transaction.value,
        "blocks": _blocks(timed),
        "assumptions": [source(one, OWNER) for one in effects.assumptions],
    }


def _locks(timed: Timed) -> Iterator[tuple[Name, LockMode]]:
    """Each relation once, with its strongest lock, including those released early."""
    strongest: dict[Name, LockMode] = {}
    for lock in timed.effects.locks:
        if _counts(lock, timed):
            held = strongest.get(lock.relation)
            strongest[lock.relation] = lock.mode if held is None or lock.mode.strength > held.strength else held
    yield from strongest.items()


def _blocks(timed: Timed) -> str:
    """Whose work waits. When a CONCURRENTLY command locks an index, no query uses it any more."""
    concurrent = timed.effects.in_transaction is InTransaction.REFUSED
    modes = [lock.mode for lock in timed.effects.locks if _counts(lock, timed) and not (lock.index and concurrent)]
    return max(modes, key=lambda mode: mode.strength).blocks if modes else "nothing"


def _counts(lock: Lock, timed: Timed) -> bool:
    return not lock.created and not _is_new(lock.relation, timed)


def _builds(timed: Timed) -> Iterator[Name]:
    """Indexes built or rebuilt, on tables that existed before the run."""
    if not _only_on_new_tables(timed):
        yield from timed.effects.index_builds
    for name in timed.effects.index_rebuilds:
        if not _is_new(name, timed):
            yield name


def _only_on_new_tables(timed: Timed) -> bool:
    subjects = [name for operation in timed.statement.operations for name in operation.subjects]
    return bool(subjects) and all(_is_new(timed.session.resolve(name), timed) for name in subjects)


def _is_new(name: Name, timed: Timed) -> bool:
    """Created by this run, or an index on a table that was."""
    if name in timed.session.created:
        return True
    index = timed.session.catalog.indexes.get(name)
    return index is not None and index.table in timed.session.created


def _finding(finding: Finding) -> Value:
    statement = finding.statement
    return {
        "rule": finding.rule,
        "severity": finding.severity.value,
        "path": clean(statement.path),
        "line": statement.lines.first,
        "end_line": statement.lines.last,
        "relation": _name(finding.relation) if finding.relation is not None else None,
        "title": source(finding.title, OWNER),
        "message": source(finding.message, OWNER),
        "confidence": finding.confidence.value,
        "assumptions": [source(one, OWNER) for one in finding.assumptions],
        "estimate": _estimate(finding.estimate),
        "rewrite": _rewrite(finding),
        "allowed": _allowed(finding),
    }


def _rewrite(finding: Finding) -> Value:
    if not finding.files and finding.suggestion is None:
        return None
    offered = finding.suggestion
    steps: list[Value] = [
        {
            "kind": file.kind.value,
            "path": clean(file.path) if file.path is not None else None,
            "note": source(file.note, OWNER),
            "transactional": file.transactional,
            "stage": file.stage,
            "text": clean(file.text),
        }
        for file in finding.files
    ]
    return {
        "steps": steps,
        "suggestion": None
        if offered is None
        else {"line": offered.lines.first, "end_line": offered.lines.last, "text": clean(offered.text)},
    }


def _accepted(analysis: Analysis) -> Value:
    """What somebody accepted, null where nothing was: then the verdict is never `safe`."""
    title = accepted_title(analysis)
    if not title:
        return None
    severities = [finding.severity for finding in accepted_findings(analysis)]
    return {
        "title": title,
        "dangers": severities.count(Severity.DANGER),
        "warnings": severities.count(Severity.WARNING),
        "items": [item.id for item in acknowledged_items(analysis)],
    }


def _allowed(finding: Finding) -> Value:
    allowed = finding.allowed
    if allowed is None:
        return None
    return {"by": clean(allowed.by), "reason": clean(allowed.reason), "line": allowed.line}


def _item(item: ChecklistItem) -> Value:
    return {
        "id": item.id,
        "text": item.text,
        "state": item.state.value,
        "reason": source(item.reason, OWNER),
        "by": clean(item.by),
        "at": item.at,
    }


def _estimate(estimate: Estimate | None) -> Value:
    if estimate is None:
        return None
    return {"low": round(estimate.low, 3), "likely": round(estimate.likely, 3), "high": round(estimate.high, 3)}


def _names(names: Iterable[Name]) -> list[Value]:
    return [_name(name) for name in dict.fromkeys(names)]


def _name(name: Name) -> str:
    return clean(str(name))
