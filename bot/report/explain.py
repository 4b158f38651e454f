"""Explanations: of a rule, a lock mode, a statement, a finding. Written once, as Markdown, and shown as text, too."""

import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import get_close_matches
from typing import LiteralString

from bot.core.judging.analysis import Analysis
from bot.core.judging.findings import Finding, StepKind
from bot.core.judging.rule import Rule, Timed
from bot.core.language import messages, named
from bot.core.language.facts import Effects, Failure, InTransaction, Lock, RowChange
from bot.core.language.locks import LockMode
from bot.core.language.messages import Given, Line, Message, Quotation, Value, joined, say, sentence
from bot.report import timeline
from bot.report.disclosure import Reader
from bot.report.markdown import assemble, code, fence, prose
from bot.report.phrases import confidence, place, waiting
from bot.report.rendering import markdown
from bot.report.steps import file_block
from bot.report.words import count, listing

_LONGEST_SQL = 4_000
"""Characters of a statement that an explanation repeats."""

_EXAMPLE = re.compile(r"^```(\w+) (\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_REMARK = re.compile(r"-- (given|rows|postgres|setting|invalid|transaction): (.*)\Z")
_PLAIN_TABLE = re.compile(r"CREATE TABLE \w+ \((?:\w+ (?:bigint|text|numeric)(?: PRIMARY KEY)?(?:, )?)+\);?")

# What takes a lock on a table. Sources: the manual, "Table-Level Locks", and the measurements of the truth table.
_TAKEN_BY = {
    LockMode.ACCESS_SHARE: "`SELECT`, `COPY ... TO`, a view or function that reads the table",
    LockMode.ROW_SHARE: "`SELECT ... FOR UPDATE` and similar; a foreign key's check of the table it references",
    LockMode.ROW_EXCLUSIVE: "`INSERT`, `UPDATE`, `DELETE`, `MERGE`, `COPY ... FROM`",
    LockMode.SHARE_UPDATE_EXCLUSIVE: (
        "`CREATE INDEX CONCURRENTLY`, `DROP INDEX CONCURRENTLY`, `REINDEX ... CONCURRENTLY`, `VALIDATE CONSTRAINT`, "
        "`VACUUM`, `ANALYZE`, `CREATE STATISTICS`, `COMMENT ON TABLE`, `ALTER TABLE ... SET STATISTICS`, "
        "`ATTACH PARTITION` on the partitioned table"
    ),
    LockMode.SHARE: "`CREATE INDEX` without `CONCURRENTLY`, `REINDEX`",
    LockMode.SHARE_ROW_EXCLUSIVE: "`ADD FOREIGN KEY` on both tables, also with `NOT VALID`; `CREATE TRIGGER`",
    LockMode.EXCLUSIVE: "`REFRESH MATERIALIZED VIEW CONCURRENTLY`",
    LockMode.ACCESS_EXCLUSIVE: (
        "most forms of `ALTER TABLE`, `DROP TABLE`, `TRUNCATE`, `DROP INDEX`, `DROP TRIGGER`, `CLUSTER`, "
        "`VACUUM FULL`, `REFRESH MATERIALIZED VIEW`, `CREATE TABLE ... PARTITION OF` on its parent, `LOCK TABLE`"
    ),
}


def resolve(topic: str, rules: Sequence[Rule]) -> Rule | LockMode | str:
    """The answer to a topic: a rule by id, a lock mode by its name in SQL or in `pg_locks`, else the text as SQL."""
    text = " ".join(topic.split()).strip("`")
    id = text.lower().replace("_", "-")
    for rule in rules:
        if rule.id == id:
            return rule
    words = re.sub(r"(?: LOCK)?(?: MODE)?\Z", "", text.upper().replace("_", " "))
    for mode in LockMode:
        if words == mode.sql or text.lower() == mode.value.lower():
            return mode
    return topic.strip()


def rule_meant(topic: str, rules: Sequence[Rule]) -> Rule | None:
    """The only rule with this part of a name, such as `set not null`: ask when the topic is not SQL either."""
    holding = _holding(topic, [rule.id for rule in rules])
    return next(rule for rule in rules if rule.id in holding) if len(holding) == 1 else None


def unknown_topic(topic: str, rules: Sequence[Rule]) -> str:
    """The answer to a topic that is neither a rule nor a lock mode nor SQL."""
    hint = did_you_mean(topic, [rule.id for rule in rules])
    return f"{code(topic)} is not a rule, not a lock mode, and not SQL that migsafe can read.{hint}"


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """A sentence that begins with a blank and names what is like this part or misspelling of a name, or ""."""
    near = _holding(name, known)[:5] or _near(_as_id(name), known)
    return f" Did you mean {listing((code(one) for one in near), 'or')}?" if near else ""


def _near(name: str, known: Sequence[str]) -> list[str]:
    """Names that it is a misspelling of, or of whose beginning."""
    words = name.count("-") + 1
    beginnings: dict[str, list[str]] = {}
    for one in known:
        beginnings.setdefault("-".join(one.split("-")[:words]), []).append(one)
    close = [one for begun in get_close_matches(name, list(beginnings), n=3, cutoff=0.8) for one in beginnings[begun]]
    return (get_close_matches(name, known, n=3) or close)[:5]


def explain_rule(rule: Rule) -> str:
    """The rule's manual page."""
    return f"### {code(rule.id)}\n\n{manual(rule.explanation)}"


def manual(explanation: str) -> str:
    """A rule's explanation for readers, without the marks of its examples for tests."""
    title, _, body = explanation.strip().partition("\n")
    return f"**{title}**\n\n{why(explanation)}" if body.strip() else f"**{title}**"


def why(explanation: str) -> str:
    """The same without its title; an example's remarks stay where they state its conditions."""
    body = explanation.strip().partition("\n")[2].strip()
    shown = _EXAMPLE.sub(lambda found: _example(*found.groups()), body)
    return re.sub(r"\n{3,}", "\n\n", shown).strip()


def explain_lock(mode: LockMode) -> str:
    """Who takes it, who waits for it, and what it waits for."""
    if mode.blocks_writes:
        effect = f"While it is held on a table, {mode.blocks} of that table wait."
    else:
        effect = "Reads and writes go on while it is held."
    others = [other for other in LockMode if mode.conflicts(other)]
    weaker = (
        listing(code(other.sql) for other in others) if len(others) < len(LockMode) else "every lock, its own kind too"
    )
    return "\n\n".join(
        (
            f"### {code(mode.sql)}",
            f"{effect} It is held to the end of its transaction, and a session that waits for it makes everyone who "
            "asks for a conflicting lock after it wait as well.",
            f"Taken by: {_TAKEN_BY[mode]}.",
            f"Conflicts with: {weaker}.",
            f"{code('pg_locks')} calls it {code(mode.value)}.",
        )
    )


def explain_statement(analysis: Analysis, reader: Reader) -> str:
    """What separately analysed SQL does to the tables, what is unsafe about it, and what to do instead."""
    parts: list[str] = []
    for timed in analysis.timeline:
        parts.append(fence(timed.statement.sql[:_LONGEST_SQL], "sql"))
        if (more := len(timed.statement.sql) - _LONGEST_SQL) > 0:
            parts.append(f"(The statement has {more:,} more characters.)")
        parts.append("\n".join(f"- {line}" for line in effects_in_words(timed, reader)))
    if analysis.catalog is None:
        parts.append("No replica was read: nothing is known of the tables.")
    parts += [f"Not read: {prose(part.reason)}." for part in analysis.unread]
    for finding in analysis.findings:
        parts += [f"**{markdown(finding.title, reader, 300)}**", markdown(finding.message, reader)]
    optional = [block for finding in analysis.findings for block in _in_full(finding, reader)]
    return assemble(parts, list(dict.fromkeys(optional)), left_out=_too_long)


def _too_long(parts: int) -> str:
    return f"{count(parts, 'more part')} of this explanation {'is' if parts == 1 else 'are'} too long for this place."


def explain_finding(finding: Finding, analysis: Analysis, reader: Reader, explanation: str = "") -> str:
    """More about a finding than its comment: what its statement does, the sources of the time, why the rule exists."""
    timed = next((one for one in analysis.timeline if one.statement == finding.statement), None)
    parts = [f"**{markdown(finding.title, reader, 300)}**"]
    if timed is not None:
        done = "\n".join(f"- {line}" for line in effects_in_words(timed, reader))
        parts.append(f"What PostgreSQL {analysis.major} does at {place(timed.statement, analysis)}:\n\n{done}")
    if finding.estimate is not None and finding.estimate.rests_on:
        parts.append(f"The time is estimated from {markdown(joined('; ', finding.estimate.rests_on), reader)}.")
    parts.append(markdown(confidence(finding, analysis), reader, 1_000))
    parts += [
        _later(one, reader)
        for one in timeline.entries(analysis)
        if one.statement == finding.statement and one.last is not None
    ]
    if explanation:
        parts.append(manual(explanation))
    return "\n\n".join(part for part in parts if part)


def effects_in_words(timed: Timed, reader: Reader) -> tuple[str, ...]:
    """What a statement does, one sentence of Markdown each, the most harmful first."""
    end = say("statement") if timed.statement.transaction is None else say("transaction")
    effects = list(_effects(timed.effects, end))
    if timed.estimate is not None and timed.estimate.likely >= 0.05:
        effects.append(say("it runs for {}", timed.estimate))
    return tuple(markdown(sentence(effect), reader) for effect in effects) or ("It touches no table.",)


def to_terminal(markdown: str) -> str:
    """Our own Markdown as plain text: code indented, emphasis and backticks left out."""
    lines: list[str] = []
    closing = ""
    for line in markdown.splitlines():
        ticks = re.match(r"`{3,}", line)
        if closing:
            if line == closing:
                closing = ""
            else:
                lines.append(f"    {line}".rstrip())
        elif ticks:
            closing = ticks[0]
        elif not re.match(r"</?details>|</?summary>", line):
            lines.append(_plain_line(line))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _as_id(name: str) -> str:
    return "-".join(name.lower().replace("_", " ").strip("` ").split())


def _holding(name: str, known: Sequence[str]) -> list[str]:
    """Those that have this part of a name in them, as whole words."""
    part = _as_id(name)
    return [one for one in known if f"-{part}-" in f"-{one}-"] if part else []


def _example(language: str, kind: str, text: str) -> str:
    """An example for readers: what the tests need to know before it becomes words, where it matters."""
    lines = [_in_words(line, kind) for line in text.splitlines()]
    shown = "\n".join(line for line in lines if line is not None)
    return f"```{language}\n{shown}\n```" if shown.strip() else ""


def _in_words(line: str, kind: str) -> str | None:
    """What precedes the SQL matters where the SQL is safe because of it; that a table exists goes without saying."""
    remark = _REMARK.match(line)
    if remark is None:
        return line
    match remark[1]:
        case "given" if kind == "allowed" and not _PLAIN_TABLE.fullmatch(remark[2]):
            return f"-- after {remark[2]}"
        case "given" if not remark[2].startswith("CREATE TABLE"):
            return f"-- after {remark[2]}"
        case "setting":
            return f"-- while {remark[2].replace(' ', ' is ', 1)}"
        case "transaction":
            return "-- outside a transaction"
        case "invalid":
            return f"-- while {remark[2]} is INVALID"
        case _:
            return None


def _plain_line(line: str) -> str:
    line = re.sub(r"^#+ ", "", re.sub(r"</?(?:summary|code)>", "", line))
    line = re.sub(r"(\*\*|\*)([^*\s](?:[^*]*[^*\s])?)\1", r"\2", line)
    line = re.sub(r"(?<!`)`++ ?([^`]*[^` ]) ?`++", r"\1", line)
    return (
        re.sub(r"\\([\\`*_\[\]<>~|$#+=.-])", r"\1", line.replace("&#8203;", ""))
        .replace("&lt;", "<")
        .replace("&amp;", "&")
    )


def _in_full(finding: Finding, reader: Reader) -> Iterator[str]:
    """The steps of the rewrite with their code, without the names of files."""
    if not finding.files:
        return
    yield f"*Instead* ({code(finding.rule)}):"
    for number, file in enumerate(finding.files, start=1):
        outside = " Outside a transaction." if file.transactional is False and file.kind is StepKind.MIGRATION else ""
        kind = {StepKind.MIGRATION: "A migration", StepKind.SCRIPT: "A script", StepKind.DEPLOY: "A deploy"}[file.kind]
        own = file.path == finding.statement.path
        note = "" if own else f": {markdown(sentence(file.note), reader)}"
        yield f"{number}. {kind}{note}{outside}" + (f"\n\n{file_block(file, reader)}" if file.text else "")


def _effects(effects: Effects, end: Message) -> Iterator[Message]:
    for failure in effects.failures:
        yield _fails(failure)
    for lock in effects.locks:
        if not lock.created and not lock.index and lock.mode.strength >= LockMode.SHARE_UPDATE_EXCLUSIVE.strength:
            held = say("for an instant") if lock.early else say("until the {} ends", end)
            yield say("{} of {} wait {} ({})", say(waiting(lock.mode)), lock.relation, held, _mode(lock.mode))
    for lock in _telling_on_indexes(effects):
        yield say(
            "queries that could use {} wait until the {} ends, since planning opens every index of a table ({})",
            named.index(lock.relation),
            end,
            _mode(lock.mode),
        )
    yield from _each("it rewrites {}", effects.rewrites)
    yield from _each("it reads every row of {}", effects.scans)
    yield from _each("it builds the index {}", map(named.index, effects.index_builds))
    yield from _each("it rebuilds {}", map(named.index, effects.index_rebuilds))
    yield from _each("it empties {}", effects.emptied)
    yield from _each("it drops {}", effects.drops)
    for change in effects.rows:
        if change.through is not None:
            yield _carried(change, change.through)
    yield from _each("if it fails half-way, it leaves {} INVALID", map(named.index, effects.invalid_indexes))
    if effects.in_transaction is InTransaction.REFUSED:
        yield say("PostgreSQL refuses it inside a transaction")
    if effects.waits_for:
        yield say("it waits for {}", messages.listing(map(say, effects.waits_for)))
    for assumption in effects.assumptions:
        yield say("assumed: {}", assumption)


def _mode(mode: LockMode) -> Message:
    return say("{}", Quotation(say("{}", mode)))


def _carried(change: RowChange, through: str) -> Message:
    key = named.foreign_key(through, change.table)
    cost = say("" if change.indexed else ", reading the whole table for each row, since no index helps")
    return say("the foreign key {} carries it to {} ({}){}", key, change.table, Given(change.action), cost)


def _telling_on_indexes(effects: Effects) -> Iterator[Lock]:
    """Locks on an index that stop reads where the table is not locked as strongly; see `blocking_by_index`."""
    standing = [lock for lock in effects.locks if lock.mode.blocks_reads and not lock.created]
    if effects.in_transaction is InTransaction.ALLOWED and all(lock.index for lock in standing):
        yield from standing


def _fails(failure: Failure) -> Message:
    state = Given(failure.sqlstate)
    if failure.certain:
        return say("it fails ({}): {}", state, failure.message)
    if failure.condition:
        return say("it fails if {} ({})", failure.condition, state)
    return say("it may fail ({}): {}", state, failure.message)


def _each(phrase: LiteralString, names: Iterable[Value]) -> Iterator[Message]:
    listed = list(names)
    if listed:
        yield say(phrase, messages.listing(listed, most=8))


def _later(entry: timeline.Entry, reader: Reader) -> str:
    """Why a lock is held for longer than its statement runs."""
    more = say("{}", entry.hold.seconds) if entry.hold.seconds is not None else say("a time that is not known")
    after = say(", after line {}", Line(entry.last.lines.last)) if entry.last is not None else messages.NOTHING
    mode = _mode(entry.mode)
    return markdown(
        say("{} stays locked until the transaction ends{}: {} in all ({}).", entry.relation, after, more, mode), reader
    )
