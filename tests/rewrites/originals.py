"""The author's own file, applied and undone by the real tool: what the plan has to come to, and the yardstick."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.rewrites.case import Case
from tests.rewrites.clones import Clone, Clones
from tests.rewrites.languages import Language
from tests.rewrites.schema import Columns, Schema, columns_of, oid_of, schema_of
from tests.rewrites.tools import Failed


@dataclass(frozen=True, slots=True)
class Asked:
    """What the author's own file does: the schema it leaves, the one after its own down, and what became of columns."""

    before: Schema
    after: Schema | None
    undone: Schema | None
    ends: Mapping[str, Columns | None]
    writable: Mapping[str, Columns | None]
    trouble: str = ""


@contextmanager
def folder(language: Language) -> Iterator[Path]:
    root = Path(tempfile.mkdtemp(prefix="migsafe-rewrite-"))
    try:
        for path, text in language.beside.items():
            save(root, path, text)
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


def save(root: Path, path: str, text: str) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_bytes(text.encode())


def ask_author(case: Case, clones: Clones, language: Language) -> Asked:
    with clones.clone(case.given) as clone, folder(language) as root:
        before = schema_of(clone)
        oids = {table: oid_of(clone, table) for table in case.tables}
        clone.run_if_possible(case.knows)
        path, text = language.source(case)
        save(root, path, text)
        refused = ""
        try:
            language.tool.up(root, clone, path)
        except Failed as trouble:
            refused = str(trouble)
            if not _applies_without_rows(case, clone, language, root, path):
                ends = {table: columns_of(clone, oid) for table, oid in oids.items()}
                return Asked(before, None, None, ends, ends, refused)
        after = schema_of(clone)
        ends = {table: columns_of(clone, oid) for table, oid in oids.items()}
        writable = {table: columns_of(clone, oid, written=True) for table, oid in oids.items()}
        try:
            language.tool.down(root, clone, path)
        except Failed:
            return Asked(before, after, None, ends, writable, refused)
        return Asked(before, after, schema_of(clone), ends, writable, refused)


def _applies_without_rows(case: Case, clone: Clone, language: Language, root: Path, path: str) -> bool:
    """Whether only rows are in the way of the author's file: then it is known what its author wanted."""
    if not case.tables:
        return False
    clone.query(f"TRUNCATE {', '.join(case.tables)} CASCADE")
    try:
        language.tool.up(root, clone, path)
    except Failed:
        return False
    return True
