"""The review of a pull request: one inline comment per statement, only for new findings."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.core.judging.analysis import Analysis
from bot.core.judging.findings import Finding, Severity, Suggestion, WrittenFile
from bot.core.language.migrations import Lines
from bot.report import explain
from bot.report.disclosure import NOT_SHOWN, Disclosure, Reader
from bot.report.markdown import assemble, code, cut, details, escape, fence, length, marker, suggestion
from bot.report.phrases import confidence, counted, standing
from bot.report.rendering import markdown
from bot.report.shapes import BODY_LIMIT, InlineComment, Review
from bot.report.steps import LONGEST_FILE, file_block, files_of, folded, instead, with_text
from bot.report.words import listing

Commentable = Mapping[str, Sequence[Lines]]
"""path -> the hunks of the diff, each as its lines in the head's file: only they take a comment."""

_MOST_COMMENTS = 100
"""The most places of one review; the check run lists the rest."""
_LONGEST_OPEN = 40
"""The most lines of a file that a comment shows without a fold."""
_CUT = "What else belongs here is too long for a comment: `/migsafe explain` and `/migsafe plan` show it."


def review(
    analysis: Analysis,
    already: Collection[str],
    disclosure: Disclosure,
    commentable: Commentable,
    explanations: Mapping[str, str] | None = None,
    *,
    kept: bool = True,
) -> Review | None:
    """One review of what is new, None where nothing is new.

    New are warnings and dangers that nobody allowed and whose fingerprint is not in `already`. `explanations`
    are the rules' manual pages by id. `kept`: the plan's files are kept, so that a suggestion may move a statement to
    one of them; without that it would be lost. Comments come worst first; a comment that no line of the diff takes, or
    that is one too many, keeps the statement's lines: the code that posts the review puts it in the body.
    """
    every = list(_by_statement(_new(analysis, already)))
    if not every:
        return None
    groups = every[:_MOST_COMMENTS]
    reader = Reader.of(analysis, disclosure)
    placed = _places(groups, analysis, commentable, kept=kept)
    shared = _shared(groups)
    comments = tuple(
        _comment(group, place, analysis, explanations or {}, reader, shared.get(at))
        for at, (group, place) in enumerate(zip(groups, placed, strict=True))
    )
    more = f" Only the {_MOST_COMMENTS} worst places are here." if len(every) > _MOST_COMMENTS else ""
    return Review(_opening([finding for group in every for finding in group.findings]) + more, comments)


@dataclass(frozen=True, slots=True)
class _Group:
    """The findings at one place in a file, worst first."""

    findings: tuple[Finding, ...]

    @property
    def path(self) -> str:
        return self.findings[0].statement.path

    @property
    def lines(self) -> Lines:
        return self.findings[0].statement.lines


@dataclass(frozen=True, slots=True)
class _Place:
    """The place of a comment; `suggestion` where it may replace exactly these lines, else `without` may say why."""

    lines: Lines
    suggestion: Suggestion | None = None
    without: str = ""


def _new(analysis: Analysis, already: Collection[str]) -> Iterator[Finding]:
    for finding in standing(analysis):
        if finding.severity in (Severity.WARNING, Severity.DANGER) and finding.fingerprint not in already:
            yield finding


def _by_statement(findings: Iterator[Finding]) -> Iterator[_Group]:
    """Grouped by what the author wrote: a call that sends three statements is one place. The worst group first."""
    groups: dict[tuple[str, int, int], list[Finding]] = {}
    for finding in findings:
        statement = finding.statement
        groups.setdefault((statement.path, statement.start, statement.lines.first), []).append(finding)
    for group in groups.values():
        yield _Group(tuple(group))


def _shared(groups: Sequence[_Group]) -> dict[int, Lines]:
    """The groups whose plan is that of one before them, by number, with the lines of that one."""
    first: dict[tuple[str, tuple[WrittenFile, ...]], Lines] = {}
    found: dict[int, Lines] = {}
    for at, group in enumerate(groups):
        files = (file for finding in group.findings for file in finding.files if file.path != group.path)
        further = tuple(dict.fromkeys(files))
        if not further:
            continue
        if (group.path, further) in first:
            found[at] = first[group.path, further]
        first.setdefault((group.path, further), group.lines)
    return found


def _comment(
    group: _Group,
    place: _Place,
    analysis: Analysis,
    explanations: Mapping[str, str],
    reader: Reader,
    plan: Lines | None,
) -> InlineComment:
    body = _body(group, analysis, place, explanations, reader, plan)
    return InlineComment(group.path, place.lines.first, place.lines.last, body, group.findings[0].fingerprint)


def _places(groups: Sequence[_Group], analysis: Analysis, commentable: Commentable, *, kept: bool) -> list[_Place]:
    """The place of each comment. A suggestion for several statements is in the first of their comments only."""
    offered: set[tuple[str, Lines]] = set()
    places: list[_Place] = []
    for group in groups:
        hunks = commentable.get(group.path, ())
        change = next((finding.suggestion for finding in group.findings if finding.suggestion is not None), None)
        without = _why_not(change, group.path, hunks, analysis, kept=kept) if change is not None else ""
        if change is None or without:
            places.append(replace(_shown(group, hunks), without=without))
        elif (group.path, change.lines) in offered:
            said = f"The suggestion on line {change.lines.last} changes this, too."
            places.append(replace(_shown(group, hunks), without=said))
        else:
            offered.add((group.path, change.lines))
            places.append(_Place(change.lines, change))
    return places


def _shown(group: _Group, hunks: Sequence[Lines]) -> _Place:
    """The lines of the statement, as far as one hunk shows them."""
    for hunk in hunks:
        first, last = max(hunk.first, group.lines.first), min(hunk.last, group.lines.last)
        if first <= last:
            return _Place(Lines(first, last))
    return _Place(group.lines)


_CRLF = (
    "There is no button for it: the file's lines end in CR LF, and a suggestion of GitHub would write LF. The files of "
    "the plan keep CR LF."
)
_NOT_KEPT = "There is no button for it: the plan is too long to be kept, so take the statement out by hand."
_UNSAID = " "
"""No suggestion, and nothing to say about that."""


def _why_not(change: Suggestion, path: str, hunks: Sequence[Lines], analysis: Analysis, *, kept: bool) -> str:
    """Why GitHub cannot take the change as a suggestion, "" where it can."""
    text = next((migration.text for migration in analysis.run.migrations if migration.path == path), "")
    replaced = text.split("\n")[change.lines.first - 1 : change.lines.last]
    if any(line.endswith("\r") for line in replaced):
        return _CRLF
    if change.moves and not kept:
        return _NOT_KEPT
    is_shown = any(hunk.first <= change.lines.first and change.lines.last <= hunk.last for hunk in hunks)
    return "" if is_shown and suggestion(change.text) is not None and "\n".join(replaced) != change.text else _UNSAID


def _body(
    group: _Group,
    analysis: Analysis,
    place: _Place,
    explanations: Mapping[str, str],
    reader: Reader,
    plan: Lines | None,
) -> str:
    """`plan`: where another comment has the plan that does this, too."""
    markers = "\n".join(marker(finding.fingerprint) for finding in reversed(group.findings))
    needed = list(dict.fromkeys(part for finding in group.findings for part in _said(finding, analysis, reader)))
    if plan is None:
        needed.append(instead(group.findings, reader))
        optional = [place.without.strip(), *_code(group, place.suggestion, reader)]
    else:
        needed.append(f"*Instead:* the plan in the comment on line {plan.first} does this, too.")
        optional = [place.without.strip(), *_deletion(place.suggestion, reader)]
    optional += _sent(group, analysis)
    optional += _whys(group, explanations)
    room = BODY_LIMIT - length(markers) - 2
    return f"{assemble(needed, optional, left_out=_CUT, last=(_allow_hint(group),), limit=room)}\n\n{markers}"


def _said(finding: Finding, analysis: Analysis, reader: Reader) -> Iterator[str]:
    yield f"**{markdown(finding.title, reader, 300)}**"
    yield markdown(finding.message, reader)
    yield markdown(confidence(finding, analysis), reader, 1_000)


def _deletion(offered: Suggestion | None, reader: Reader) -> Iterator[str]:
    block = suggestion(offered.text) if offered is not None else None
    if offered is not None and block is not None:
        shown = block if reader.may_see_code(offered.text) else NOT_SHOWN
        yield f"Delete it here:\n\n{shown}" if not offered.text else shown


def _code(group: _Group, offered: Suggestion | None, reader: Reader) -> Iterator[str]:
    """The first step as a suggestion; without one, the file that the statement becomes; the rest folded."""
    block = suggestion(offered.text) if offered is not None else None
    if offered is not None and not reader.may_see_code(offered.text):
        block = NOT_SHOWN
    files = with_text(files_of(group.findings))
    if block is not None:
        deletes = offered is not None and not offered.text
        yield f"Delete it here; a further file has it:\n\n{block}" if deletes else block
        files = [(number, file) for number, file in files if file.path != group.path]
    else:
        main = next((one for one in files if one[1].path != group.path), files[0] if files else None)
        if main is not None and main[1].text.count("\n") <= _LONGEST_OPEN:
            yield f"{code(reader.path(main[1].path or ''))}:\n\n{file_block(main[1], reader)}"
            files.remove(main)
    for number, file in files:
        yield folded(number, file, reader)


def _sent(group: _Group, analysis: Analysis) -> Iterator[str]:
    """The SQL that the author's call becomes."""
    first = group.findings[0].statement
    sent = [one.sql for one in analysis.run.statements if one.path == first.path and one.start == first.start]
    if first.generated:
        text = "\n".join(f"{sql.rstrip().removesuffix(';')};" for sql in sent)
        yield details("The SQL that PostgreSQL gets", fence(cut(text, LONGEST_FILE), "sql"))


def _whys(group: _Group, explanations: Mapping[str, str]) -> Iterator[str]:
    for rule in dict.fromkeys(finding.rule for finding in group.findings):
        explanation = explanations.get(rule, "")
        if why := explain.why(explanation):
            title = explanation.strip().partition("\n")[0].rstrip(".")
            yield details(f"Why: {escape(title)}", why)


def _allow_hint(group: _Group) -> str:
    rules = list(dict.fromkeys(finding.rule for finding in group.findings))
    if len(rules) == 1:
        return (
            f"To accept it as it is: {code(f'/migsafe allow {rules[0]} REASON')}, or "
            f"{code(f'migsafe: allow {rules[0]} REASON')} in a comment on the statement."
        )
    each = listing(code(rule) for rule in rules)
    return (
        f"To accept this as it is: {code('/migsafe allow RULE REASON')} for each of {each}, or "
        f"{code('migsafe: allow RULE REASON')} in a comment on the statement."
    )


def _opening(found: Sequence[Finding]) -> str:
    files = list(dict.fromkeys(finding.statement.path for finding in found))
    where = listing(code(path) for path in files[:3]) + (f" and {len(files) - 3} more" if len(files) > 3 else "")
    return f"{counted(list(found))} in {where}. The check run has the checklist, the locks in order and the runbook."
