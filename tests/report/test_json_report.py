"""`check --format json`: the contract, key by key."""

import json
from dataclasses import replace

import pytest

from bot.core.judging.analysis import Analysis, analyse, with_checklist
from bot.core.judging.checklist import checklist
from bot.core.judging.findings import StepKind
from bot.core.judging.framework import Files, SourceFile
from bot.core.judging.policy import Policy
from bot.core.language import operations as op
from bot.core.language.facts import Effects, InTransaction, Lock
from bot.core.language.locks import LockMode
from bot.core.language.messages import verbatim
from bot.core.language.migrations import Lines
from bot.core.language.names import Name
from bot.core.schema.catalog import Catalog
from bot.frameworks import framework_named
from bot.report import json_report
from bot.review.rewriting import with_files
from bot.rules import RULES
from tests.support import analyses

_ESTIMATE = {"low": float, "likely": float, "high": float}
_CONTRACT = {
    "schema": {1},
    "postgres": int,
    "replica": (None, {"at": str, "standby": bool}),
    "verdict": {"safe", "attention", "blocked"},
    "migrations": [
        {
            "path": str,
            "framework": str,
            "transactional": (None, bool),
            "statements": [
                {
                    "line": int,
                    "end_line": int,
                    "sql": str,
                    "operations": [str],
                    "transaction": (None, int),
                    "effects": {
                        "locks": [{"relation": str, "mode": {mode.value for mode in LockMode}}],
                        "rewrites": [str],
                        "scans": [str],
                        "index_builds": [str],
                        "in_transaction": {"allowed", "refused"},
                        "blocks": {"reads and writes", "writes", "nothing"},
                        "assumptions": [str],
                    },
                    "estimate": (None, _ESTIMATE),
                }
            ],
        }
    ],
    "findings": [
        {
            "rule": str,
            "severity": {"danger", "warning", "note"},
            "path": str,
            "line": int,
            "end_line": int,
            "relation": (None, str),
            "title": str,
            "message": str,
            "confidence": {"exact", "assumed"},
            "assumptions": [str],
            "estimate": (None, _ESTIMATE),
            "rewrite": (
                None,
                {
                    "steps": [
                        {
                            "kind": {kind.value for kind in StepKind},
                            "path": (None, str),
                            "note": str,
                            "transactional": (None, bool),
                            "stage": int,
                            "text": str,
                        }
                    ],
                    "suggestion": (None, {"line": int, "end_line": int, "text": str}),
                },
            ),
            "allowed": (None, {"by": str, "reason": str, "line": (None, int)}),
        }
    ],
    "unread": [{"path": str, "line": int, "reason": str}],
    "checklist": [
        {
            "id": str,
            "text": str,
            "state": {"done", "open", "failed", "not-applicable"},
            "reason": str,
            "by": str,
            "at": (None, str),
        }
    ],
    "accepted": (None, {"title": str, "dangers": int, "warnings": int, "items": [str]}),
    "uncounted": [{"path": str, "line": int, "rule": str, "reason": str}],
}


def _wrong(value: object, shape: object, at: str = "$") -> list[str]:
    """Where a value differs from the contract: keys missing or unknown, other types, other words."""
    match shape:
        case None:
            return [] if value is None else [f"{at}: {value!r} is not null"]
        case tuple():
            return [] if any(not _wrong(value, one, at) for one in shape) else [f"{at}: {value!r}"]
        case set():
            return [] if value in shape else [f"{at}: {value!r} is none of {shape}"]
        case list():
            if not isinstance(value, list):
                return [f"{at}: {value!r} is no list"]
            return [wrong for index, one in enumerate(value) for wrong in _wrong(one, shape[0], f"{at}[{index}]")]
        case dict():
            if not isinstance(value, dict) or value.keys() != shape.keys():
                return [f"{at}: {value!r}"]
            return [wrong for key, one in value.items() for wrong in _wrong(one, shape[key], f"{at}.{key}")]
        case type():
            fits = isinstance(value, shape) and not (shape in (int, float) and isinstance(value, bool))
            return [] if fits else [f"{at}: {value!r} is no {shape.__name__}"]
        case _:
            raise AssertionError(shape)


def _document(analysis: Analysis) -> dict:  # type: ignore[type-arg]
    return json.loads(json_report.render(analysis))


@pytest.mark.parametrize(
    "analysis",
    [
        analyses.incident(),
        analyses.safe(),
        analyses.unread(),
        analyses.allowed(),
        replace(analyses.unread(), timeline=()),
    ],
    ids=["incident", "safe", "unread", "allowed", "without a timeline"],
)
def test_keeps_the_contract(analysis: Analysis) -> None:
    assert _wrong(_document(analysis), _CONTRACT) == []


def test_what_was_accepted_is_counted_and_never_safe() -> None:
    document = _document(analyses.allowed())
    assert document["verdict"] == "attention"
    assert document["accepted"] == {
        "title": "Accepted: 1 danger and 1 warning, by @ada",
        "dangers": 1,
        "warnings": 1,
        "items": [],
    }
    assert _document(analyses.safe())["accepted"] is None


def test_tells_the_contract_from_something_else() -> None:
    document = _document(analyses.incident())
    document["migrations"][0]["statements"][0]["transaction"] = "1"
    document["findings"][0].pop("allowed")
    assert len(_wrong(document, _CONTRACT)) == 2


def test_says_what_a_statement_does_itself() -> None:
    adds, builds = _document(analyses.incident())["migrations"][0]["statements"][1:3]
    assert (adds["line"], adds["end_line"], adds["operations"], adds["transaction"]) == (4, 5, ["AddColumn"], 1)
    assert {"relation": "public.events", "mode": "AccessExclusiveLock"} in adds["effects"]["locks"]
    assert adds["effects"]["rewrites"] == ["public.events"]
    assert "public.events_pkey" in adds["effects"]["index_builds"]
    assert (adds["effects"]["blocks"], adds["effects"]["in_transaction"]) == ("reads and writes", "allowed")
    assert adds["estimate"] == {"low": 50.0, "likely": 70.0, "high": 140.0}
    assert builds["effects"]["locks"] == [{"relation": "public.events", "mode": "ShareLock"}]
    assert (builds["effects"]["scans"], builds["effects"]["blocks"]) == (["public.events"], "writes")


def test_a_finding_carries_its_files_and_its_suggestion() -> None:
    finding = _document(analyses.incident())["findings"][0]
    assert finding["relation"] == "public.events"
    assert [step["kind"] for step in finding["rewrite"]["steps"]] == ["migration", "script", "deploy"]
    assert finding["rewrite"]["steps"][2]["path"] is None
    assert finding["rewrite"]["suggestion"]["line"] == 4


def test_an_unread_statement_has_no_operation_and_a_harmless_one_has() -> None:
    before = analyses.unread()
    statements = (
        analyses.statement(1, 1, "COMMENT", op.Harmless("COMMENT")),
        analyses.statement(2, 2, "ALTER x", op.Unread("a"), op.Unread("b")),
    )
    migration = replace(before.run.migrations[0], statements=statements)
    document = _document(replace(before, run=replace(before.run, migrations=(migration,)), timeline=()))
    assert [one["operations"] for one in document["migrations"][0]["statements"]] == [["Harmless"], []]


def test_leaves_out_what_the_run_itself_made() -> None:
    new, old = Name("fresh", "public"), Name("Old Table", "a.b")
    before = analyses.safe()
    timed = before.timeline[0]
    effects = Effects(
        locks=(
            Lock(new, LockMode.ACCESS_EXCLUSIVE),
            Lock(Name("made", "public"), LockMode.ACCESS_EXCLUSIVE, created=True),
            Lock(old, LockMode.SHARE),
            Lock(old, LockMode.ACCESS_SHARE, early=True),
        ),
        rewrites=(new, old),
        scans=(new,),
    )
    session = replace(timed.session, created=frozenset({new}))
    analysis = replace(before, timeline=(replace(timed, effects=effects, session=session),))
    found = _document(analysis)["migrations"][0]["statements"][0]["effects"]
    assert found["locks"] == [{"relation": '"a.b"."Old Table"', "mode": "ShareLock"}]
    assert (found["rewrites"], found["scans"], found["blocks"]) == (['"a.b"."Old Table"'], [], "writes")


def test_what_runs_concurrently_blocks_nothing_by_the_lock_on_its_index() -> None:
    before = analyses.safe()
    timed = before.timeline[0]
    lock = Lock(analyses.BODY_INDEX, LockMode.ACCESS_EXCLUSIVE, index=True)
    effects = replace(timed.effects, locks=(*timed.effects.locks, lock))
    for done, blocks in (
        (effects, "nothing"),
        (replace(effects, in_transaction=InTransaction.ALLOWED), "reads and writes"),
    ):
        analysis = replace(before, timeline=(replace(timed, effects=done),))
        assert _document(analysis)["migrations"][0]["statements"][0]["effects"]["blocks"] == blocks


def test_any_bytes_can_be_written() -> None:
    finding = replace(analyses.incident().findings[0], message=verbatim("\udcff\x00\x1b[2J"), title=verbatim("é"))
    text = json_report.render(replace(analyses.incident(), findings=(finding,)))
    assert json.loads(text.encode("utf-8"))["findings"][0]["title"] == "é"


def test_lines_are_those_of_the_file() -> None:
    assert analyses.unread().unread[0].lines == Lines(12, 14)
    assert _document(analyses.unread())["unread"] == [
        {"path": analyses.PATH, "line": 12, "reason": "it builds SQL at run time"}
    ]


_REAL = {
    "the incident": analyses.TEXT,
    "concurrently": "-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY i ON events (body);\n-- migrate:down\n",
    "not read": "-- migrate:up\nDO $$ BEGIN EXECUTE 'DROP TABLE ' || x; END $$;\nNONSENSE;\n-- migrate:down\n",
    "a new table": "-- migrate:up\nCREATE TABLE n (id bigint PRIMARY KEY);\nCREATE INDEX ON n (id);\n-- migrate:down\n",
}


@pytest.mark.parametrize("text", _REAL.values(), ids=_REAL.keys())
@pytest.mark.parametrize("catalog", [None, analyses.catalog()], ids=["without a replica", "with one"])
def test_keeps_the_contract_from_file_to_document(text: str, catalog: Catalog | None) -> None:
    run = framework_named("dbmate").read(Files(changed=[SourceFile(analyses.PATH, text)]))
    analysis = with_files(analyse(run, catalog, Policy(), RULES))
    document = _document(with_checklist(analysis, checklist(analysis)))
    assert _wrong(document, _CONTRACT) == []
    for statement in document["migrations"][0]["statements"]:
        assert not any(relation["relation"] == "public.n" for relation in statement["effects"]["locks"])
