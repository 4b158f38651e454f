"""The reader agrees with PostgreSQL's own parser: kinds, relations, columns and every attribute with an effect."""

import random

import pytest

from tests.parity.compare import disagreement, parse
from tests.parity.generate import PATTERNS, damaged, spliced, with_keywords
from tests.parity.statements import REJECTED, STATEMENTS


@pytest.mark.parametrize("sql", STATEMENTS)
def test_reads_what_postgresql_reads(sql: str) -> None:
    assert parse(sql), "PostgreSQL itself must accept the example"
    assert disagreement(sql) == ""


@pytest.mark.parametrize("sql", REJECTED)
def test_refuses_what_postgresql_refuses(sql: str) -> None:
    assert parse(sql) is None
    assert disagreement(sql) == ""


@pytest.mark.parametrize("pattern", PATTERNS)
def test_key_words_may_be_names_wherever_postgresql_lets_them(pattern: str) -> None:
    problems = {sql: problem for sql in with_keywords(pattern, unreserved=60) if (problem := disagreement(sql))}
    assert problems == {}


def test_several_actions_of_one_alter_table_are_read_separately() -> None:
    choice = random.Random(7)
    texts = [text for _ in range(400) if (text := spliced(STATEMENTS, choice)) and parse(text)]
    assert len(texts) > 300
    assert {text: problem for text in texts if (problem := disagreement(text))} == {}


def test_a_damaged_statement_becomes_an_operation_only_where_postgresql_takes_it() -> None:
    choice = random.Random(11)
    texts = [damaged(sql, choice) for sql in STATEMENTS for _ in range(12)]
    wrong = [text for text in texts if parse(text) is None and disagreement(text)]
    assert wrong == []
