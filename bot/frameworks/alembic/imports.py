"""The names of Alembic and SQLAlchemy in a file, and calls written with these names."""

import ast
import re
from collections.abc import Iterator

from bot.core.record import record
from bot.frameworks.python.file import NotPython, parse
from bot.frameworks.python.places import Places
from bot.sql import Unwritable

_OURS = re.compile(r"\b(?:op|sa)\b")


@record
class Imports:
    """The file's names for `op`, `sa` and `postgresql`; None for what it does not import.

    `types` are classes of the PostgreSQL dialect that have a name of their own in the file: class -> name.
    """

    op: str | None = None
    sa: str | None = None
    postgresql: str | None = None
    types: tuple[tuple[str, str], ...] = ()


def imports_of(text: str) -> Imports:
    """The names from a file's imports, anywhere in it. Never raises."""
    try:
        tree = parse(text)
    except NotPython:
        return Imports("op")
    known: dict[str, str] = {}
    types: dict[str, str] = {}
    for module, name in _imported(tree):
        match module:
            case "alembic.op" | "sqlalchemy" | "sqlalchemy.dialects.postgresql":
                known.setdefault(module, name)
            case _ if module.startswith("sqlalchemy.dialects.postgresql."):
                types[module.rpartition(".")[2]] = name
            case _:
                pass
    general = known.get("sqlalchemy")
    if general is not None and re.search(rf"\b{re.escape(general)}\.Uuid\b", text):
        # SQLAlchemy has it since 2.0 only: a file that uses it shows that it exists.
        types.setdefault("UUID", f"{general}.Uuid")
    handed = "op" if re.search(r"^def upgrade\(op\b", text, re.MULTILINE) else None
    return Imports(
        known.get("alembic.op", handed),
        general,
        known.get("sqlalchemy.dialects.postgresql"),
        tuple(types.items()),
    )


def renamed(call: str, imports: Imports) -> str:
    """A call with the file's own names for `op`, `sa` and the dialect. Raises Unwritable where a name is missing."""
    if not _OURS.search(call):
        return call
    tree, places = ast.parse(call), Places.of(call)
    edits = sorted(_edits(tree, imports, places), reverse=True)
    for start, end, name in edits:
        call = call[:start] + name + call[end:]
    return call


def call_around(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The `execute` that sends exactly the SQL at these characters, None where it sends more or does not exist."""
    try:
        tree, places = parse(text), Places.of(text)
    except NotPython:
        return None
    for node in ast.walk(tree):
        if not isinstance(node, ast.Expr) or not isinstance(node.value, ast.Call) or not _executes(node.value):
            continue
        span = places.span(node)
        if not span[0] <= start <= end <= span[1]:
            continue
        literal = _only_literal(node.value)
        begin = (
            places.inside(literal, literal.value) if literal is not None and isinstance(literal.value, str) else None
        )
        if literal is None or begin is None or not isinstance(literal.value, str):
            return None
        around = literal.value[: start - begin] + literal.value[end - begin :]
        return span if start >= begin and not around.strip(" \t\r\n;") else None
    return None


def _executes(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == "execute" and len(call.args) == 1


def _only_literal(call: ast.Call) -> ast.Constant | None:
    match call.args[0]:
        case ast.Constant() as literal:
            return literal
        case ast.Call(
            func=ast.Name(id="text") | ast.Attribute(attr="text"), args=[ast.Constant() as literal], keywords=[]
        ):
            return literal
        case _:
            return None


def _edits(tree: ast.Module, imports: Imports, places: Places) -> Iterator[tuple[int, int, str]]:
    within: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "sa.dialects.postgresql":
            within |= {id(inner) for inner in ast.walk(node)}
            yield (*places.span(node), _dialect_type(node.attr, imports))
        elif isinstance(node, ast.Name) and id(node) not in within and node.id in ("op", "sa"):
            name = imports.op if node.id == "op" else imports.sa
            if name is None:
                raise Unwritable(f"the file does not import `{node.id}`")
            yield (*places.span(node), name)


def _dialect_type(name: str, imports: Imports) -> str:
    alone = dict(imports.types).get(name)
    if alone is not None:
        return alone
    if imports.postgresql is None:
        raise Unwritable("the file does not import PostgreSQL's dialect")
    return f"{imports.postgresql}.{name}"


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Modules and members, with their names in the file."""
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield alias.name, alias.asname or alias.name
            case ast.ImportFrom(module=str() as module, names=names, level=0):
                for alias in names:
                    yield f"{module}.{alias.name}", alias.asname or alias.name
            case _:
                pass
