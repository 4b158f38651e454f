"""The suggestions of a plan, applied as GitHub does, by the real tool: each alone, and all together."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.core.judging.findings import WrittenFile
from tests.rewrites.case import Case
from tests.rewrites.clones import Clone, Clones
from tests.rewrites.languages import Language
from tests.rewrites.originals import Asked, folder, save
from tests.rewrites.outcome import Outcome
from tests.rewrites.plans import Plan, applied, judged_in, loud
from tests.rewrites.schema import not_named, schema_of
from tests.rewrites.tools import Failed
from tests.support.said import said


def try_suggestions(outcome: Outcome, plan: Plan, case: Case, clones: Clones, language: Language, asked: Asked) -> None:
    """Alone and together, as GitHub applies them."""
    suggestions = plan.suggestions
    if not suggestions:
        return
    outcome.ask("suggestions")
    together = applied(plan.text, suggestions)
    own = plan.own_file
    if own is None:
        outcome.ask("suggestions", ["no file of the plan is the author's, but suggestions change it"])
    elif own.text != together:
        outcome.ask("suggestions", [f"all together are not the plan's first file, but:\n{together}"])
    alone = [applied(plan.text, [one]) for one in suggestions] if len(suggestions) > 1 else []
    before = {(one.rule, str(one.relation)) for one in loud(plan.analysis)}
    for number, text in enumerate([together, *alone]):
        what = f"suggestion {number} alone" if number else "all suggestions"
        with clones.clone(case.given) as clone, folder(language) as root:
            found = loud(judged_in(plan.path, text, clone, language.beside, case.major or clones.major))
            new = [one for one in found if (one.rule, str(one.relation)) not in before]
            outcome.ask("suggestions", [f"{what}: a new warning, {one.rule}: {said(one.title)}" for one in new])
            save(root, plan.path, text)
            _save_beside(root, [] if number else plan.files, language)
            clone.run_if_possible(case.knows)
            try:
                language.tool.up(root, clone, plan.path)
            except Failed as trouble:
                outcome.ask("suggestions", [f"{what}: not applied: {trouble}"])
                continue
            if not (number and language.beside.keys() & {file.path for file in plan.files}):
                # What undoes the file in a file of its own is mended for all suggestions together.
                outcome.ask(
                    "suggestions",
                    [f"{what}: {problem}" for problem in _undone(root, clone, plan, case, language, asked)],
                )


def _undone(root: Path, clone: Clone, plan: Plan, case: Case, language: Language, asked: Asked) -> Iterator[str]:
    try:
        language.tool.down(root, clone, plan.path)
    except Failed as trouble:
        if asked.undone is not None:
            yield f"the down side fails: {trouble}"
        return
    left = schema_of(clone)
    if asked.undone is not None and left.lines not in (asked.before.lines, asked.undone.lines):
        stays = left.differs_from(asked.before)
        unsaid = not_named(stays, plan.lost, case.tables) if plan.lost else stays
        if unsaid:
            yield f"undone it leaves {unsaid}"


def _save_beside(root: Path, files: Sequence[WrittenFile], language: Language) -> None:
    """What undoes the author's file, as the plan has it."""
    for file in files:
        if file.path is not None and file.path in language.beside:
            save(root, file.path, file.text)
