"""What stands beside a run, out of files: its units, those of the base branch, and what it changes of these.

Pure; it runs in the child, because the texts are anybody's. A migration that the proposal deletes becomes a part of the
run, without a statement that does anything, so that what becomes of it is said like all else.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import field
from posixpath import splitext

from bot.core.judging.beside import (
    UNKNOWN_KEY,
    Brought,
    Edited,
    Standing,
    Surroundings,
    marks_by_key,
    newest_units,
    others_by_place,
    shared_files,
    transactions_by_name,
    units_by_parent,
    units_by_place,
)
from bot.core.judging.clashes import NAMES_IN_FOLDERS
from bot.core.judging.framework import Files, SourceFile
from bot.core.judging.history import History, Unit
from bot.core.language import operations as op
from bot.core.language.migrations import Lines, Migration, Run, Statement
from bot.core.record import record, replace
from bot.frameworks import framework_named, recognise
from bot.review.ordering import history_of

DELETED = "this file is deleted"
MOST_TEXTS = 40
"""Old migrations that are read because only their text says what they are."""
_LONGEST = 1_000_000
"""Characters of an old migration that is compared with the new one."""


@record
class Around:
    """What lies beside the changed files, as it was fetched.

    `base_paths` are the files of the base branch in the folders of the changed migrations, and `base_texts` the texts
    of those that had to be read; `whole` whether every one of them was that had to be. `old_paths` is where a changed
    file was on the base branch, by its path now. `removed` are candidates that the proposal deletes.
    """

    number: int | None = None
    base_paths: tuple[str, ...] = ()
    base_texts: Mapping[str, str] = field(default_factory=dict)
    scripts: tuple[str, ...] = ()
    """Files that the base branch has where scripts are put."""
    whole: bool = False
    old_paths: Mapping[str, str] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    others: tuple[Brought, ...] = ()
    owners: Mapping[str, int] = field(default_factory=dict)
    doubtful: frozenset[str] = frozenset()
    """Frameworks that these files may only look like."""
    options: Mapping[str, str] = field(default_factory=dict)
    """Files of the base branch that may set what becomes of a migration that comes too late."""
    registers: Mapping[str, str] = field(default_factory=dict)
    """The tools' registers of migrations as the change has them; those of the base branch are among `base_texts`."""


NOTHING_AROUND = Around()


def placed(run: Run, around: Around, forced: str | None = None) -> Run:
    """The run with a place for what is said of each migration: those that are deleted, and those that send nothing."""
    gone = [_deleted(path, around.base_texts[path], forced) for path in around.removed if path in around.base_texts]
    found = [one if one.statements else replace(one, statements=(_nothing(one.path),)) for one in run.migrations]
    return replace(run, migrations=(*found, *(one for one in gone if one is not None)))


def beside(run: Run, around: Around, given: Sequence[Standing] | None = None) -> Surroundings:
    """Everything that a rule may compare the run with; `given`: the units of all files that are judged together."""
    units = _units_of(run, around)
    standing = given if given is not None else _standing(run, units)
    edited = {one.path: found for one in run.migrations if (found := _edited(one, units, around)) is not None}
    base = tuple(_base(run, around))
    return Surroundings(
        number=around.number,
        histories={one.framework: _history(one.framework, around) for one in run.migrations},
        units=units,
        given=tuple(standing),
        base=base,
        base_files=frozenset(around.base_paths),
        whole=around.whole,
        edited=edited,
        others=around.others,
        owners=around.owners,
        seen=marks_by_key(around.others),
        base_at=units_by_place(base),
        given_at=units_by_place(standing),
        others_at=others_by_place(around.others),
        newest=newest_units(base),
        children=units_by_parent([*base, *standing]),
        locked=transactions_by_name(around.others),
        shared=shared_files((one.path for one in run.migrations), around.others),
    )


def _history(framework: str, around: Around) -> History:
    return history_of("plain" if framework in around.doubtful else framework, around.options, around.registers)


def looks_like(names: Container[str]) -> frozenset[str]:
    """Frameworks that files in a repository with these files, by their bare names, may only look like.

    sqlx and morph name a file and its way back as golang-migrate does.
    """
    return frozenset({"golang-migrate"}) if "Cargo.toml" in names and "go.mod" not in names else frozenset()


def standing_of(run: Run, around: Around = NOTHING_AROUND) -> list[Standing]:
    """The units of the run's files, in its order."""
    return _standing(run, _units_of(run, around))


def _units_of(run: Run, around: Around) -> dict[str, tuple[Unit, ...]]:
    return {
        one.path: _units(one.framework, one.path, one.text, around.registers)
        for one in run.migrations
        if not _is_deleted(one)
    }


def folders_of(paths: Iterable[str]) -> frozenset[str]:
    """The folders in which tools look for these migrations: above their own, where each has one."""
    return frozenset(map(_scope, paths))


def is_beside(path: str, folders: frozenset[str]) -> bool:
    return path.startswith(tuple(f"{folder}/" if folder else "" for folder in folders)) and _scope(path) in folders


def texts_needed(run: Run, base_paths: Sequence[str], before: Container[str]) -> tuple[list[str], bool]:
    """The old migrations whose text must be read, because their path does not say what they are; whether they are all.

    Of very many only those that the base branch got since the proposal left it, which are not among `before`.
    """
    found: dict[str, None] = {}
    whole = True
    for framework in dict.fromkeys(one.framework for one in run.migrations):
        if not framework_named(framework).history.by_text:
            continue
        own = {one.path for one in run.migrations if one.framework == framework}
        endings = tuple({splitext(path)[1] for path in own})
        beside = [path for path in base_paths if path.endswith(endings) and path not in own]
        if len(beside) > MOST_TEXTS:
            whole = False
            beside = [path for path in beside if path not in before][:MOST_TEXTS]
        found |= dict.fromkeys(beside)
    return list(found), whole


def _scope(path: str) -> str:
    folder, _, name = path.rpartition("/")
    return folder_of(folder) if name in NAMES_IN_FOLDERS else folder


def _standing(run: Run, units: Mapping[str, tuple[Unit, ...]]) -> list[Standing]:
    return [
        Standing(one.path, one.framework, unit)
        for one in run.migrations
        for unit in units.get(one.path, ())
        if not _is_deleted(one)
    ]


def _units(framework: str, path: str, text: str | None, registers: Mapping[str, str]) -> tuple[Unit, ...]:
    tool = framework_named(framework)
    units = tool.units(path, text)
    register = tool.history.register
    kept = registers.get(register.path_of(path)) if register is not None else None
    return tuple(register.placed(path, kept, units) if register is not None and kept is not None else units)


def _base(run: Run, around: Around) -> Iterable[Standing]:
    """The units of the base branch in the folders of the run, but not those of files that it changes or deletes."""
    scopes = {(one.framework, folder_of(one.path)) for one in run.migrations}
    scopes |= {
        (one.framework, unit.scope)
        for one in run.migrations
        for unit in framework_named(one.framework).units(one.path, one.text)
    }
    changed = {*(one.path for one in run.migrations), *around.old_paths.values(), *around.removed}
    for framework in dict.fromkeys(one.framework for one in run.migrations):
        folders = {scope for name, scope in scopes if name == framework}
        for path in around.base_paths:
            if path not in changed:
                units = _units(framework, path, around.base_texts.get(path), around.base_texts)
                yield from (Standing(path, framework, unit) for unit in units if unit.scope in folders)


def folder_of(path: str) -> str:
    return path.rpartition("/")[0]


def _edited(migration: Migration, units: Mapping[str, tuple[Unit, ...]], around: Around) -> Edited | None:
    """What was there before, None for a migration that is new."""
    framework = migration.framework
    if _is_deleted(migration):
        old = _units(framework, migration.path, migration.text, around.base_texts)
        kept = {unit.place for found in units.values() for unit in found}
        gone = tuple(unit for unit in old if unit.place not in kept and not unit.repeatable)
        return Edited(tuple(Standing(migration.path, framework, unit) for unit in old), gone, deleted=True)
    was = around.old_paths.get(migration.path) or _moved_from(units.get(migration.path, ()), framework, around)
    text = around.base_texts.get(was) if was is not None else None
    if was is None or text is None:
        return None
    before = _units(framework, was, text, around.base_texts)
    now = units.get(migration.path, ())
    if not before and not now:
        before = now = (Unit(was.rpartition("/")[2], folder_of(was), what=UNKNOWN_KEY),)
    standing = tuple(Standing(was, framework, unit) for unit in before)
    changed = _changed(migration, now, was, text, before)
    return Edited(standing, changed, renamed=was if was != migration.path else "")


def _moved_from(units: Sequence[Unit], framework: str, around: Around) -> str | None:
    """The file that is deleted, and whose units this one has."""
    places = {unit.place for unit in units}
    for path in around.removed:
        text = around.base_texts.get(path)
        known = () if text is None else _units(framework, path, text, around.base_texts)
        if places and places == {unit.place for unit in known}:
            return path
    return None


def _changed(
    migration: Migration, units: Sequence[Unit], was: str, text: str, before: Sequence[Unit]
) -> tuple[Unit, ...]:
    """The units that are no longer there, or do something else now."""
    framework = framework_named(migration.framework)
    if text == migration.text and was == migration.path:
        return ()
    if len(text) > _LONGEST or len(migration.text) > _LONGEST:
        return tuple(unit for unit in before if not unit.repeatable)
    old = next(iter(framework.read(Files([SourceFile(was, text)])).migrations), None)
    now = {unit.key: unit for unit in units}
    found: list[Unit] = []
    for unit in before:
        new = now.get(unit.key)
        if unit.repeatable or (new is not None and new.repeatable):
            continue
        if (
            new is None
            or old is None
            or _content(old, unit, whole=framework.history.text_counts)
            != _content(migration, new, whole=framework.history.text_counts)
        ):
            found.append(unit)
    return tuple(found)


def _content(migration: Migration, unit: Unit, *, whole: bool) -> Sequence[str]:
    """What the tool would compare, or run: the lines of the text, or its statements without comments and blanks."""
    if whole:
        lines = migration.text.replace("\r\n", "\n").removeprefix("\ufeff").rstrip("\n").split("\n")
        return lines[unit.first - 1 : unit.last] if unit.first else lines
    return [_bare(one.sql) for one in migration.statements if unit.holds(one.lines.first)]


def _bare(sql: str) -> str:
    from bot.sql import read_script

    comments = read_script(sql).comments
    for comment in reversed(comments):
        sql = f"{sql[: comment.start]} {sql[comment.end :]}"
    return " ".join(sql.split()).rstrip("; ")


def _deleted(path: str, text: str, forced: str | None) -> Migration | None:
    framework = recognise(path, text)
    if framework is None:
        return None
    return Migration(path, forced or framework.name, "", None, (_nothing(path),), text, notes=(DELETED,))


def _nothing(path: str) -> Statement:
    return Statement(path, Lines(1, 1), (op.Harmless("nothing is sent"),), "", 0, 0, "")


def _is_deleted(migration: Migration) -> bool:
    return DELETED in migration.notes
