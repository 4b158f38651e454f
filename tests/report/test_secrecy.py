"""What is posted on a public repository: no figure of production, no name that is not in the pull request."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot.core.judging.analysis import Analysis, analyse, merge
from bot.core.judging.framework import Files, SourceFile
from bot.core.judging.policy import Policy
from bot.core.judging.rule import Rule
from bot.core.language import named
from bot.core.language.messages import Bytes, Code, Given, Pages, Rows, RowWidth, Share, clause, error, say
from bot.core.language.migrations import Lines
from bot.core.language.names import Name
from bot.core.language.seconds import Estimate
from bot.core.language.types import Type
from bot.core.schema.catalog import Catalog, Relation, RelationKind, Size
from bot.frameworks import framework_named
from bot.replica.sizes import size_of
from bot.report import explain, plan, rendering, runbook, words
from bot.report.check_run import check_output
from bot.report.comment import review
from bot.report.disclosure import OWNER, Disclosure, Reader
from bot.report.secrets import holds_secret
from bot.review.judge import complete
from bot.rules import RULES
from tests.support import rule_pages
from tests.support.rule_pages import Example

HIDDEN = (Disclosure.BUCKET, Disclosure.NONE)
_TABLE = re.compile(r"CREATE TABLE (\w+) \((\w+)[^;]*")
_BOUND = re.compile(r"10{0,2} (?:(?:million|billion) rows|MB|GB|TB)")
"""Where an order of magnitude begins or ends: 99,950,001 rows are also "100 million rows", which tells no more."""
_SECRET = "zqx"
"""Part of every name that only the catalog has, and of no word of ours, of SQL or of an example."""


def _with_secrets(example: Example) -> Example:
    """The example, its tables with a column, a constraint, an index, a trigger, a policy, a view, a child of which
    which are not in the migration."""
    further: list[str] = []
    for number, (table, column) in enumerate(
        match.groups() for statement in example.given if (match := _TABLE.match(statement)) is not None
    ):
        if f"PARTITION OF {table}" in " ".join(example.given) or "PARTITION" in " ".join(example.given):
            continue
        secret = f"{_SECRET}_{number}"
        further += [
            f"ALTER TABLE {table} ADD COLUMN {secret}_column text",
            f"ALTER TABLE {table} ADD CONSTRAINT {secret}_check CHECK ({secret}_column <> '')",
            f"CREATE INDEX {secret}_index ON {table} ({column}, {secret}_column)",
            f"CREATE VIEW {secret}_view AS SELECT {column} FROM {table}",
            f"CREATE FUNCTION {secret}_function() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            f"CREATE TRIGGER {secret}_trigger BEFORE UPDATE ON {table} FOR EACH ROW "
            f"EXECUTE FUNCTION {secret}_function()",
            f"CREATE POLICY {secret}_policy ON {table} USING ({secret}_column = 'x')",
            f"CREATE TABLE {secret}_child ({secret}_key bigint CONSTRAINT {secret}_fkey REFERENCES {table} ({column}))",
        ]
    return replace(example, given=(*example.given, *further))


def _measured(catalog: Catalog) -> Catalog:
    """The catalog with figures that no sentence holds by chance."""
    return replace(catalog, relations={name: _odd(relation) for name, relation in catalog.relations.items()})


def _odd(relation: Relation) -> Relation:
    size = relation.size
    if not size or not size.rows or not size.heap_bytes:
        return relation
    stale = say("it had {} at the last ANALYZE, now {}", Pages(1_234_567), Pages(7_654_321))
    odd = Size(int(size.rows * 1.2347), int(size.heap_bytes * 1.2347), 0, 0, size.source, stale)
    return replace(relation, size=odd)


def _judged(example: Example) -> Analysis:
    run = framework_named("dbmate").read(Files([SourceFile(rule_pages.PATH, example.text)]))
    return complete([analyse(run, _measured(rule_pages.catalog_of(example)), Policy(), RULES)])


def _posted(analysis: Analysis, disclosure: Disclosure) -> Iterator[str]:
    """Everything that anybody can read: the check, its annotations, the review, the answers to commands."""
    reader = Reader.of(analysis, disclosure)
    output = check_output(analysis, disclosure)
    yield from (output.title, output.summary, output.text)
    yield from (f"{mark.title}: {mark.message}" for mark in output.annotations)
    explanations = {rule.id: rule.explanation for rule in RULES}
    found = review(analysis, (), disclosure, {rule_pages.PATH: [Lines(1, 99)]}, explanations)
    yield from (found.body, *(comment.body for comment in found.comments)) if found is not None else ()
    yield from (plan.plan(analysis, reader), runbook.page(analysis, reader))
    yield explain.explain_statement(analysis, reader)
    yield from (explain.explain_finding(finding, analysis, reader) for finding in analysis.findings)


def _figures(analysis: Analysis) -> set[str]:
    """The figures of the catalog and what was estimated from them, as they would be written."""
    assert analysis.catalog is not None
    sizes = [relation.size for relation in analysis.catalog.relations.values() if relation.size is not None]
    figures = {"1,234,567", "7,654,321"}
    for size in sizes:
        figures |= {words.rows(size.rows or 0), f"{size.rows:,}", str(size.rows), words.size(size.heap_bytes or 0)}
    times = [one.estimate for one in analysis.timeline if one.estimate is not None and one.estimate.likely > 1]
    return {figure for figure in figures if len(figure) > 4} | {words.duration(time) for time in times}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_no_rule_tells_a_public_repository_what_only_the_catalog_knows(rule: Rule) -> None:
    for example in rule_pages.examples(rule, "flagged"):
        analysis = _judged(_with_secrets(example))
        figures = _figures(analysis)
        for disclosure in HIDDEN:
            for page in _posted(analysis, disclosure):
                assert _SECRET not in page, page
                assert not [figure for figure in figures if re.search(rf"(?<![\d.,]){re.escape(figure)}", page)], page


def test_a_trusted_reader_sees_what_the_others_do_not() -> None:
    """The test above would see a leak: what is hidden from others is shown to the owner."""
    seen = ""
    for rule in RULES:
        for example in rule_pages.examples(rule, "flagged"):
            seen += "".join(_posted(_judged(_with_secrets(example)), Disclosure.EXACT))
    kinds = ("index", "view", "child", "fkey")
    assert [kind for kind in kinds if f"{_SECRET}_0_{kind}" not in seen] == []
    assert "1,234,567 pages" in seen


def test_pages_at_the_last_analyze_are_a_size_like_any_other() -> None:
    """They were shown exactly: 12,345 pages are 96 MB."""
    row = {"kind": "r", "tuples": 1_000_000, "pages": 12_345, "heap_bytes": 23_456 * 8192, "toast_bytes": 0}
    size = size_of(row, 0, standby=True, lag=None)
    assert size is not None
    hidden = rendering.source(size.stale, Reader(Disclosure.BUCKET))
    assert hidden == "it had 10 to 100 MB at the last ANALYZE, now 100 MB to 1 GB"
    assert "12,345 pages" in rendering.source(size.stale, OWNER)


_NAMES = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=3, max_size=12).map(lambda text: f"{_SECRET}{text}")


@given(st.integers(1_000_001, 10**12).filter(lambda figure: figure % 1000), st.sampled_from(HIDDEN))
def test_no_figure_of_a_message_is_shown_exactly(figure: int, disclosure: Disclosure) -> None:
    time = Estimate(figure / 3, figure / 2, float(figure))
    figures = {words.rows(figure), words.size(figure), words.duration(time), str(figure), f"{figure:,}"}
    exact = {each for each in figures if not _BOUND.fullmatch(each)}
    for part in (Rows(figure), Bytes(figure), Pages(figure), RowWidth(figure), Share(1 / figure), time):
        shown = rendering.source(say("{}", part), Reader(disclosure))
        assert shown
        assert not [each for each in exact if each in shown]


@given(_NAMES, _NAMES, st.sampled_from(HIDDEN))
def test_no_name_of_a_message_is_shown(name: str, table: str, disclosure: Disclosure) -> None:
    of = Name(table, "public")
    kinds = (named.column, named.constraint, named.foreign_key, named.index, named.trigger, named.policy)
    alone = (named.function, named.type_called, named.schema, named.role, named.thing, named.relation)
    parts = [*(kind(name, of) for kind in kinds), *(kind(name) for kind in alone), named.column_of(of, name), of]
    reader = Reader(disclosure, frozenset({"create", "table", "events"}))
    for part in parts:
        for message in (say("{}", part), error("{}", part), clause("{}", part), say("{}", named.in_full(part))):
            shown = rendering.source(message, reader)
            assert _SECRET not in shown
            assert shown


def test_a_name_that_the_migration_has_or_that_is_made_of_its_words_is_shown() -> None:
    reader = Reader(Disclosure.BUCKET, frozenset({"users", "email"}), frozenset({"users_email_key"}))
    told = [name for name in ("users", "email", "users_email_idx", "users_email_key", "orders") if reader.knows(name)]
    assert told == ["users", "email", "users_email_idx"]


@pytest.mark.parametrize(
    "code",
    [
        "CREATE INDEX zqx_idx_17_new ON users (email)",
        "class BuildZqxIdx17New < ActiveRecord::Migration[7.1]",
        '"""build zqx idx 17"""',
        "db/scripts/20260101000000_clear_zqx_idx_17.sql",
        'ALTER TABLE "zqx""17" ADD COLUMN a int',
        "ALTER TABLE users VALIDATE CONSTRAINT users_zqxcolumn_is_not_null",
        "-- \U0001f4b0 is copied",
        "ALTER TABLE a_name_that_postgresql_would_cut_at_sixty_three_bytes_zq ADD COLUMN a int",
    ],
)
def test_code_made_from_a_name_of_the_catalog_alone_is_not_shown(code: str) -> None:
    secrets = frozenset({"zqx_idx_17", 'zqx"17', "zqxcolumn", "\U0001f4b0"})
    assert holds_secret(code, secrets, frozenset({"users", "email"}))


@pytest.mark.parametrize(
    "code",
    [
        "CREATE INDEX CONCURRENTLY users_email_idx ON users (email);",
        "class BuildUsersEmailIdx < ActiveRecord::Migration[7.1]\n  disable_ddl_transaction!\n",
        "-- In batches, each committed; the column keeps its index.",
    ],
)
def test_code_made_of_the_migrations_words_is_shown_whatever_else_the_catalog_holds(code: str) -> None:
    secrets = frozenset({"zqx_idx_17", "users_email_key", "email_users_idx"})
    assert not holds_secret(code, secrets, frozenset({"users", "email"}))


@given(_NAMES, st.sampled_from(["{}_new", "users_{}_idx", "Build{}", "{}", "a_{}_b"]))
def test_nothing_made_from_a_secret_name_is_shown(name: str, pattern: str) -> None:
    words = frozenset({"users"})
    spelled = name.title().replace("_", "") if pattern.startswith("Build") else name
    assume(name.strip("_") not in words)
    if pattern.startswith("Build"):
        assume("_" not in name)
    assert holds_secret(f"CREATE INDEX {pattern.format(spelled)} ON users (id)", frozenset({name}), words)


def test_a_schema_that_the_migrations_do_not_name_is_not_told() -> None:
    reader = Reader(Disclosure.BUCKET, frozenset({"users"}), frozenset({"zqx_schema"}))
    users = Name("users", "zqx_schema")
    parts = (users, named.column_of(users, "users"), Type("int4", "zqx_schema"))
    assert not [part for part in parts if _SECRET in rendering.source(say("{}", part), reader)]


def test_a_type_of_the_application_is_told_only_where_the_migrations_name_it() -> None:
    reader = Reader(Disclosure.BUCKET, frozenset({"status"}))
    told = [
        name for name in ("text", "int4", "bigserial", "citext", "status", "zqx_row") if reader.knows_type(Type(name))
    ]
    assert told == ["text", "int4", "bigserial", "citext", "status"]


@pytest.mark.parametrize("name", ["\U0001f4b0", "email - delete users", "Users_Email"])
def test_a_name_is_compared_as_a_whole(name: str) -> None:
    reader = Reader(Disclosure.BUCKET, frozenset({"users", "email", "delete", "users_email"}), frozenset({name}))
    assert not reader.knows(name)
    assert name not in rendering.source(say("{}", Name(name)), reader)
    assert name not in rendering.source(say("{}", Code(f'"{name}" > 0')), reader)


def test_code_in_words_that_come_from_elsewhere_is_looked_at_too() -> None:
    reader = Reader(Disclosure.BUCKET, frozenset({"users"}), frozenset({"zqx_fkey"}), frozenset({"zqx_fkey"}))
    note = say("{}", Given("undo it by `ALTER TABLE users DROP CONSTRAINT zqx_fkey`, by hand"))
    assert rendering.source(note, reader) == "undo it by (not shown), by hand"


def test_names_of_every_database_of_a_pull_request_are_secret() -> None:
    """One report over two databases: what only the second holds is not told either."""
    example = next(iter(rule_pages.examples(RULES[0], "flagged")))
    analysis = _judged(example)
    other = Catalog(
        18, relations={Name("zqx_other", "public"): Relation(Name("zqx_other", "public"), RelationKind.TABLE)}
    )
    merged = merge([analysis, replace(analysis, catalog=other)])
    assert "zqx_other" in Reader.of(merged, Disclosure.BUCKET).unnamed_in_code
