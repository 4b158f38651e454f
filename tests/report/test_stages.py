"""The files of a plan stand in the pull request to which they belong."""

from collections.abc import Sequence

from bot.core.judging.analysis import Analysis, analyse
from bot.core.judging.findings import Verdict
from bot.core.judging.framework import Files, SourceFile
from bot.core.judging.policy import Policy
from bot.core.judging.rule import Evidence
from bot.frameworks import framework_named
from bot.report import plan
from bot.report.disclosure import OWNER
from bot.review.judge import complete
from bot.rules import RULES

PATH = "db/migrations/20260516120000_x.sql"


def judged(text: str, *, path: str = PATH, tool: str = "dbmate", evidence: Evidence | None = None) -> Analysis:
    run = framework_named(tool).read(Files([SourceFile(path, text)]))
    return complete([analyse(run, None, Policy(postgres=18), RULES, evidence=evidence)])


def dbmate(*statements: str) -> Analysis:
    return judged("-- migrate:up\n" + "".join(f"{one};\n" for one in statements) + "-- migrate:down\n")


def headings(analysis: Analysis) -> Sequence[str]:
    """The headings and the first words of each step."""
    lines = plan.plan(analysis, OWNER).split("\n")
    return [line.partition(" (")[0].partition(" code")[0] for line in lines if line.startswith(("### ", "**"))]


def test_two_drops_wait_for_one_deploy() -> None:
    expected = [
        "### In this pull request",
        "**1. Deploy:** Release",
        "### In a later pull request, after the deploy of step 1",
        f"**2. `{PATH}`**",
        "**3. `db/migrations/20260516120001_drop_items_old_ref.sql`**",
    ]
    one = "ALTER TABLE items DROP COLUMN dims, DROP COLUMN old_ref"
    both = ("ALTER TABLE items DROP COLUMN dims", "ALTER TABLE items DROP COLUMN old_ref")
    assert headings(dbmate(*both)) == expected
    assert headings(dbmate(one)) == expected
    shown = plan.plan(dbmate(*both), OWNER)
    assert "Nothing of it." in shown
    assert "reads nor writes items.dims" in shown
    assert "reads nor writes items.old_ref" in shown


def test_what_follows_a_script_is_in_a_later_pull_request() -> None:
    shown = headings(
        dbmate(
            "ALTER TABLE t ADD COLUMN a int DEFAULT 1",
            "UPDATE t SET a = b",
            "ALTER TABLE t ALTER COLUMN a SET NOT NULL",
        )
    )
    assert shown == [
        "### In this pull request",
        f"**1. `{PATH}`**",
        "**2. `db/scripts/backfill_t_a.sql`**",
        "### In a later pull request, after the script of step 2",
        "**3. `db/migrations/20260516120001_declare_t_a_not_null.sql`**",
        "**4. `db/migrations/20260516120002_validate_t_a_not_null.sql`**",
    ]


DROPS = (
    "ALTER TABLE accounts DROP COLUMN opt",
    "ALTER TABLE accounts RENAME COLUMN opt TO kept",
    "ALTER TABLE accounts RENAME TO people",
    "DROP VIEW accounts_view",
    "DROP TABLE accounts",
    "ALTER FUNCTION price(int) RENAME TO cost",
    "ALTER TYPE state RENAME VALUE 'a' TO 'b'",
)
RELEASED = "-- migsafe: released it is not used by any deployed code\n"


def test_what_the_author_releases_is_not_reported_for_running_code() -> None:
    for statement in DROPS:
        text = f"-- migrate:up\nSET LOCAL lock_timeout = '1s';\n{{}}{statement};\n-- migrate:down\n"
        assert judged(text.format("")).verdict is not Verdict.SAFE
        clean = judged(text.format(RELEASED))
        assert [one.rule for one in clean.findings if one.severity.rank > 1] == [], statement
        assert clean.unused_allows == ()


def test_the_checklist_says_who_says_that_no_code_needs_it() -> None:
    item = next(
        one
        for one in judged(f"-- migrate:up\n{RELEASED}ALTER TABLE t DROP COLUMN a;\n").checklist
        if one.id == "old-code"
    )
    assert item.state.value == "done"
    said = "".join(str(piece) for piece in item.reason.pieces)
    assert "it is not used by any deployed code" in said


def test_a_release_does_not_hide_what_the_repository_proves() -> None:
    evidence = Evidence(references={("t", "a"): ("app/models/t.rb:3",)})
    text = f"-- migrate:up\n{RELEASED}ALTER TABLE t DROP COLUMN a;\n"
    assert judged(text, evidence=evidence).verdict is Verdict.BLOCKED


def test_a_release_says_why_and_concerns_its_own_statement() -> None:
    drop = "ALTER TABLE t DROP COLUMN {};\n"
    without = judged(f"-- migrate:up\n-- migsafe: released\n{drop.format('a')}")
    assert "column-dropped-in-use" in [one.rule for one in without.findings]
    assert [allow.rule for _, allow in without.unused_allows] == ["released"]
    other = judged(f"-- migrate:up\n{RELEASED}{drop.format('a')}{drop.format('b')}")
    assert [one.statement.lines.first for one in other.findings if one.rule == "column-dropped-in-use"] == [4]


def test_it_does_not_silence_what_others_would_feel() -> None:
    text = f"-- migrate:up\n{RELEASED}CREATE INDEX i ON t (a);\n"
    assert "index-without-concurrently" in [one.rule for one in judged(text).findings]


RUBY = "class X < ActiveRecord::Migration[7.1]\n  def up\n    {}remove_column :accounts, :opt\n  end\nend\n"
PYTHON = 'from alembic import op\n\nrevision = "a1"\n\n\ndef upgrade():\n    {}op.drop_column("accounts", "opt")\n'


def test_the_plan_releases_what_it_drops_after_a_deploy_and_its_own_file_is_clean() -> None:
    for tool, path, text in (
        ("dbmate", PATH, "-- migrate:up\nALTER TABLE accounts DROP COLUMN opt;\n-- migrate:down\n"),
        ("rails", "db/migrate/20260516120000_x.rb", RUBY.format("")),
        ("alembic", "versions/a1_x.py", PYTHON.format("")),
    ):
        findings = judged(text, path=path, tool=tool).findings
        files = {file.path: file for finding in findings for file in finding.files if file.path is not None}
        file = next(file for file in files.values() if file.stage > 1)
        assert "migsafe: released accounts.opt is not used by any deployed code" in file.text
        again = judged(file.text, path=str(file.path), tool=tool)
        assert "column-dropped-in-use" not in [one.rule for one in again.findings], tool
