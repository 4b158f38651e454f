"""What a person may write on the first line of a comment."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.review.commands import (
    AcknowledgeItem,
    AllowRule,
    Command,
    Done,
    Explain,
    Help,
    Plan,
    Recheck,
    Revoke,
    Runbook,
    fingerprint,
    is_command,
    read,
)


@pytest.mark.parametrize(
    ("body", "command"),
    [
        ("/migsafe explain", Explain()),
        ("/migsafe explain set-not-null", Explain("set-not-null")),
        ("/migsafe explain ShareLock", Explain("ShareLock")),
        (
            "/migsafe explain ALTER TABLE t ADD COLUMN a int DEFAULT 'x  y'",
            Explain("ALTER TABLE t ADD COLUMN a int DEFAULT 'x  y'"),
        ),
        ("/migsafe explain `DROP INDEX i`", Explain("DROP INDEX i")),
        ("/migsafe explain ``a ` b``", Explain("a ` b")),
        ("/migsafe recheck", Recheck()),
        ("/migsafe recheck please", Recheck()),
        ("/migsafe plan", Plan()),
        ("/migsafe runbook\r\nthank you", Runbook()),
        ("/migsafe acknowledge timed 40 s on a copy", AcknowledgeItem("timed", "40 s on a copy")),
        ("/migsafe allow drop-column  nobody reads it", AllowRule("drop-column", "nobody reads it")),
        ("/migsafe done `db/X.sql` it ran", Done("db/X.sql", "it ran")),
        ("/migsafe revoke timed", Revoke("timed")),
        ("/migsafe revoke timed the copy was too small", Revoke("timed", "the copy was too small")),
        ("/migsafe: plan", Plan()),
        ("@migsafe plan", Plan()),
        ("@migsafe[bot] plan", Plan()),
        ("@Migsafe, plan", Plan()),
        ("@migsafe", Help()),
        ("/migsafe explain\n```sql\nDROP INDEX i;\nSELECT 1;\n```\nplease", Explain("DROP INDEX i;\nSELECT 1;")),
        ("/migsafe explain\r\n\r\n~~~~\r\nDROP INDEX i\r\n~~~~", Explain("DROP INDEX i")),
        ("/migsafe explain\n```sql\nDROP INDEX i", Explain("DROP INDEX i")),
        ("/migsafe explain set-not-null\n```\nDROP INDEX i\n```", Explain("set-not-null")),
        ("/migsafe explain\nlike this:\n```\nDROP INDEX i\n```", Explain()),
        ("/migsafe explain\n```suggestion\nDROP INDEX i\n```", Explain()),
        ("/migsafe help", Help()),
        ("/migsafe", Help()),
        ("/MigSafe Plan", Plan()),
        ("\ufeff/migsafe plan", Plan()),
        ("  /migsafe plan", Plan()),
    ],
)  # fmt: skip
def test_reads(body: str, command: Command) -> None:
    assert read(body) == command


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("/migsafe explian x", "explian"),
        ("/migsafe explian x", "/migsafe explain"),
        ("/migsafe allow", "allow RULE REASON"),
        ("/migsafe allow some-rule", "allow some-rule"),
        ("/migsafe acknowledge", "acknowledge ITEM REASON"),
        ("/migsafe revoke", "revoke ITEM"),
        ("/migsafe done", "done FILE REASON"),
        ("/migsafe done db/x.sql", "needs a reason"),
    ],
)
def test_says_what_was_not_understood(body: str, names: str) -> None:
    command = read(body)
    assert isinstance(command, Help)
    assert names in command.problem


@pytest.mark.parametrize(
    "body",
    [
        "",
        "hello",
        "hello\n/migsafe plan",
        "\n/migsafe plan",
        "> /migsafe plan",
        "    /migsafe plan",
        "\t/migsafe plan",
        "/migsafely plan",
        "`/migsafe plan`",
        "/ migsafe plan",
        "/migsafe:plan",
        "@migsafe is wrong here",
        "@migsafes plan",
        "thanks @migsafe plan",
    ],
)
def test_is_no_command(body: str) -> None:
    assert read(body) is None
    assert not is_command(body)


def test_a_strangers_words_do_not_break_out_of_the_answer() -> None:
    command = read("/migsafe x`@everyone`<!--")
    assert isinstance(command, Help)
    assert command.problem.count("`") == 2


@given(st.text())
def test_never_raises(body: str) -> None:
    assert (read(body) is not None) == is_command(body)


@given(st.text())
def test_never_raises_after_the_prefix(rest: str) -> None:
    assert read("/migsafe " + rest) is not None


def test_a_command_is_identified_by_its_line_alone() -> None:
    assert fingerprint("/migsafe plan\nthanks") == fingerprint("  /migsafe plan")
    assert fingerprint("/migsafe plan") != fingerprint("/migsafe help")


def test_a_block_of_sql_is_part_of_the_command_that_asks_about_it() -> None:
    asked = "/migsafe explain\n```sql\n{}\n```\n"
    assert fingerprint(asked.format("DROP INDEX a")) != fingerprint(asked.format("DROP INDEX b"))
    assert fingerprint(asked.format("DROP INDEX a") + "thanks") == fingerprint(asked.format("DROP INDEX a"))
    assert fingerprint("/migsafe plan\n```\nx\n```") == fingerprint("/migsafe plan")
