"""diesel: `<version>_<name>/up.sql` as one string, in a transaction unless `metadata.toml` beside it says otherwise."""

import re
from collections.abc import Iterable, Sequence

from bot.core.judging.framework import Files, Side, SourceFile, Want
from bot.frameworks.plain import compose
from bot.frameworks.sql_files.convention import Convention, Edit, Layout, Section
from bot.frameworks.sql_files.files import SqlFiles

RANK = 1

_PATH = re.compile(r"(?:.*/)?\d{4}[^/]*_[^/]*/up\.sql\Z", re.DOTALL)
_WRAPPED = "diesel runs each migration in a transaction"


def recognises(path: str, _text: str) -> bool:
    return bool(_PATH.match(path))


def wants(paths: Iterable[str]) -> Sequence[Want]:
    return tuple(Want(_metadata(path), Side.HEAD) for path in paths)


def lay_out(source: SourceFile, files: Files) -> Layout:
    wrapped = _runs_in_transaction(files.head.get(_metadata(source.path), ""))
    return Layout((Section(0, len(source.text), wrapped, split=False, because=_WRAPPED),), wrapped)


def unwrap(_text: str) -> Edit | None:
    """The marker is in another file."""
    return None


def _metadata(path: str) -> str:
    return f"{path.removesuffix('up.sql')}metadata.toml"


def _runs_in_transaction(metadata: str) -> bool:
    import tomllib

    try:
        return tomllib.loads(metadata).get("run_in_transaction", True) is not False
    except (tomllib.TOMLDecodeError, UnicodeError, RecursionError):
        return True


FRAMEWORK = SqlFiles(Convention("diesel", recognises, lay_out, compose, unwrap, wants))
