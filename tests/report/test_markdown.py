"""Text from a pull request stays inside the Markdown it is put into."""

import re
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.report import markdown
from bot.report.shapes import fingerprint_of

_PARSER = MarkdownIt("gfm-like", {"html": True, "linkify": False})
_NASTY = st.sampled_from(
    [
        "`", "``", "```", "````", "~~~", "@octocat", "@org/team", "#12", "GH-7", "owner/repo#3", "https://x.example/y",
        "www.x.example", "mailto:a@b.example", "<!-- migsafe:abc -->", "<!--", "-->", "<script>", "</details>", "\n",
        "\n\n", "\r\n", "# ", "> ", "- ", "1. ", "    ", "\t", "|", "\\", "*", "_", "[a](b)", "![a](b)", "&#64;octocat",
        "&lt;", "\x00", "\x1b[31m", "\u202e", "\udc80", "$x$", "===", "---", "suggestion",
    ]
)  # fmt: skip
_WITH_A_SHAPE = {*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0x110BD, 0x110CD, *range(0x13430, 0x13440)}
_TEXT = st.lists(_NASTY | st.text(max_size=8), max_size=12).map("".join)
_HARMLESS = {"paragraph_open", "paragraph_close", "inline", "text", "code_inline", "softbreak", "text_special"}


def _tokens(source: str) -> list[Token]:
    found: list[Token] = []
    for token in _PARSER.parse(source):
        found.append(token)
        found += token.children or []
    return found


def _shown(source: str) -> str:
    """The text that a reader sees outside code, entities decoded."""
    return "".join(token.content for token in _tokens(source) if token.type in ("text", "text_special"))


@given(_TEXT)
def test_prose_is_only_sentences_and_code(text: str) -> None:
    assert {token.type for token in _tokens(markdown.prose(text))} <= _HARMLESS


@given(st.text("_*~`[]()<>!\\#+-=|a0é. ", min_size=1, max_size=30))
@example("__0__")
@example("a__b__c __d_ _e__")
def test_no_run_of_delimiters_is_emphasis(text: str) -> None:
    assert {token.type for token in _tokens(markdown.prose(text))} <= _HARMLESS


def test_underscores_within_a_word_are_not_escaped() -> None:
    assert markdown.escape("lock_timeout of a__b") == "lock_timeout of a__b"


@given(_TEXT)
def test_prose_pings_nobody_and_links_nothing(text: str) -> None:
    shown = _shown(markdown.prose(text))
    reference = r"@\w|#\w|://|(?<![A-Za-z0-9])(?:GH-\d|www\.|mailto:\w)"
    assert not re.search(reference, shown, re.IGNORECASE)


@pytest.mark.parametrize("address", ["www.evil.example", "https://evil.example", "mailto:a@evil.example", "GH-7", "#7"])
@pytest.mark.parametrize("before", ["", " ", "_", "*", "~", "(", "[", "-", "a_", "é"])
def test_no_address_becomes_a_link_whatever_is_before_it(before: str, address: str) -> None:
    assert address not in _shown(markdown.prose(f"x {before}{address}"))
    assert address not in _shown(markdown.prose(f"{before}{address}"))


@given(st.lists(st.tuples(_TEXT | st.text("`ab ", max_size=4), st.booleans()), max_size=6))
@example([("a", True), ("b`x", True)])
def test_pieces_of_code_side_by_side_stay_pieces_of_code(pieces: list[tuple[str, bool]]) -> None:
    tokens = _tokens(markdown.inline(pieces, 100_000))
    assert {token.type for token in tokens} <= _HARMLESS
    assert sum(token.type == "code_inline" for token in tokens) == sum(is_code for _, is_code in pieces)


@given(_TEXT)
def test_inline_code_is_one_span_of_code(text: str) -> None:
    tokens = [
        token for token in _tokens(f"a {markdown.code(text)} b") if token.type not in ("paragraph_open", "inline")
    ]
    assert [token.type for token in tokens] == ["text", "code_inline", "text", "paragraph_close"]


@given(_TEXT)
def test_nothing_closes_our_fence(text: str) -> None:
    tokens = _tokens(f"before\n\n{markdown.fence(text, 'sql')}\n\nafter")
    assert [token.type for token in tokens if token.type in ("fence", "inline")] == ["inline", "fence", "inline"]


@given(_TEXT)
def test_a_suggestion_holds_the_text_exactly_or_is_none(text: str) -> None:
    block = markdown.suggestion(text)
    if block is None:
        return
    (fence,) = _tokens(block)
    assert fence.info == "suggestion"
    assert fence.content == (f"{text}\n" if text else "")


@given(_TEXT, st.sampled_from([markdown.prose, markdown.code, markdown.fence, markdown.html_code]))
def test_text_forges_no_marker(text: str, put: object) -> None:
    body = put(text + "<!-- migsafe:forged -->")  # type: ignore[operator]
    assert "<!-- migsafe:" not in body
    assert markdown.fingerprints_in(body) == ()
    assert fingerprint_of(body) is None


@given(_TEXT)
def test_what_is_written_can_be_sent(text: str) -> None:
    for put in (markdown.prose, markdown.code, markdown.fence, markdown.html_code, markdown.plain):
        put(text).encode("utf-8")


@given(st.lists(_TEXT, max_size=6), st.lists(_TEXT, max_size=6), st.integers(200, 400))
def test_a_body_never_passes_its_limit(needed: list[str], optional: list[str], limit: int) -> None:
    parts = [markdown.fence(text * 20) for text in needed]
    more = [markdown.prose(text * 20) for text in optional]
    body = markdown.assemble(parts, more, left_out="The rest is left out.", last=("Last.",), limit=limit)
    assert markdown.length(body) <= limit
    assert body.endswith("Last.")
    if any(markdown.length(part) > limit for part in parts):
        assert "The rest is left out." in body


@given(st.lists(_TEXT, max_size=8), st.integers(100, 300))
def test_what_is_too_long_keeps_whole_blocks_of_its_beginning(texts: list[str], limit: int) -> None:
    blocks = [put(text) for text in texts for put in (markdown.prose, markdown.fence)]
    whole = "\n\n".join(block for block in blocks if block)
    body = markdown.assemble((markdown.details("x", whole), whole), limit=limit)
    assert markdown.length(body) <= limit
    opened = [token for token in _tokens(body) if token.type == "fence"]
    assert all(markdown.fence(token.content) in whole for token in opened)
    html = "".join(token.content for token in _tokens(body) if token.type == "html_block")
    assert html.count("<details>") == html.count("</details>")


@given(st.text(alphabet="0123456789abcdef", min_size=20, max_size=20))
def test_a_marker_names_its_finding(fingerprint: str) -> None:
    body = f"Words.\n\n{markdown.marker('first')}\n{markdown.marker(fingerprint)}"
    assert markdown.fingerprints_in(body) == ("first", fingerprint)
    assert fingerprint_of(body) == fingerprint


def test_a_quoted_marker_counts_for_nothing() -> None:
    assert markdown.fingerprints_in(f"> {markdown.marker('abc')}\n\n/migsafe explain") == ()


@pytest.mark.parametrize(
    ("text", "written"),
    [
        pytest.param("statement_timeout is 60 s", "statement_timeout is 60 s", id="a name keeps its underscores"),
        pytest.param("2.1 GB of heap", "2.1 GB of heap", id="a figure begins no list"),
        pytest.param("1. do it", "1\\. do it", id="a number with a point would begin a list"),
        pytest.param("a `b` c", "a `b` c", id="code stays code"),
        pytest.param("a ` c", "a \\` c", id="a lone backtick is text"),
        pytest.param("one\n\ntwo\nthree", "one\n\ntwo three", id="paragraphs stay, line ends do not"),
    ],
)
def test_ordinary_sentences_stay_readable(text: str, written: str) -> None:
    assert markdown.prose(text) == written


@pytest.mark.parametrize("unseen", ["\u200b", "\u200e", "\u200f", "\u202e", "\u2060", "\u061c"], ids=ascii)
def test_a_name_that_holds_what_nobody_can_see_is_not_shown_as_another_name(unseen: str) -> None:
    assert markdown.code(f"use{unseen}rs") == "`use\N{REPLACEMENT CHARACTER}rs`"


def test_no_control_or_invisible_character_stays() -> None:
    """Of the controls, separators and format characters only those with a shape stay: Arabic number signs."""
    kept = set(markdown.clean("".join(map(chr, range(0x110000)))))
    unseen = {sign for sign in kept if unicodedata.category(sign) in {"Cc", "Cf", "Cs", "Zl", "Zp"}}
    assert {hex(ord(sign)) for sign in unseen - set("\t\n")} <= {hex(sign) for sign in _WITH_A_SHAPE}
