"""Tables and columns in SQLAlchemy models: what running code still maps, and what it no longer maps."""

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from bot.core.judging.framework import Want
from bot.core.judging.rule import Evidence
from bot.core.language.migrations import Run
from bot.core.record import record
from bot.frameworks.code_files.taken import MOST_FILES, MOST_PLACES, taken
from bot.frameworks.python.file import NotPython, parse

_DEEPEST = 10
_COLUMN_MAKERS = frozenset({"Column", "mapped_column", "column_property", "deferred", "Field", "synonym"})
_NO_COLUMNS = frozenset({"relationship", "Relationship", "backref", "association_proxy", "hybrid_property"})
_PLAIN_BASE = re.compile(r"(?:Base|Model|SQLModel|object|Generic|MappedAsDataclass|DeclarativeBase)$")
_PATTERNS = ("**/models.py", "**/model.py", "**/models/**/*.py", "**/*_models.py", "**/orm.py")


@record
class Place:
    """A mapped column: `line` of its attribute."""

    path: str
    line: int
    deferred: bool = False

    def __str__(self) -> str:
        return f"{self.path} line {self.line}"


@record
class Model:
    """A class or table; `table` None for a class that only passes on its columns."""

    name: str
    table: str | None
    place: Place
    columns: Mapping[str, Place]
    bases: tuple[str, ...] = ()


def wanted(run: Run) -> list[Want]:
    """The models, if the run drops, renames or retypes anything that they may map."""
    return [Want(pattern) for pattern in _PATTERNS] if any(True for _ in taken(run)) else []


def evidence(run: Run, files: Mapping[str, str]) -> Evidence:
    """Where the base branch still maps what the run removes, and what it no longer maps. Never raises."""
    gone = set(taken(run))
    models = list(_models(files, {table for table, _ in gone}))
    by_name = {model.name: model for model in models}
    ignored: dict[tuple[str, str], str] = {}
    references: dict[tuple[str, str | None], tuple[str, ...]] = {}
    for table, column in gone:
        mapping = [model for model in models if model.table == table]
        if column is None:
            places = [model.place for model in mapping]
        else:
            found = [_columns(model, by_name) for model in mapping]
            places = [columns[column] for columns, _ in found if column in columns and not columns[column].deferred]
            if mapping and not places and all(whole for _, whole in found):
                ignored[table, column] = str(_letting_go(column, mapping, found))
        if places:
            references[table, column] = tuple(dict.fromkeys(map(str, places)))[:MOST_PLACES]
    return Evidence(ignored, references)


def _letting_go(column: str, mapping: Sequence[Model], found: Sequence[tuple[Mapping[str, Place], bool]]) -> Place:
    """Where it is deferred, else the class that no longer has it."""
    deferred = [columns[column] for columns, _ in found if column in columns]
    return deferred[0] if deferred else mapping[0].place


def _columns(model: Model, by_name: Mapping[str, Model], depth: int = 0) -> tuple[Mapping[str, Place], bool]:
    """The columns of a class and of those it inherits from, and whether all these classes were found."""
    columns: dict[str, Place] = {}
    whole = True
    for base in model.bases:
        inherited = by_name.get(base)
        if inherited is None or depth > _DEEPEST:
            whole = whole and _PLAIN_BASE.search(base) is not None
            continue
        theirs, all_known = _columns(inherited, by_name, depth + 1)
        columns |= theirs
        whole = whole and all_known
    return {**columns, **model.columns}, whole


def _models(files: Mapping[str, str], tables: set[str]) -> Iterator[Model]:
    for path, text in list(files.items())[:MOST_FILES]:
        if not path.endswith(".py") or not re.search(r"Column|[Mm]apped|SQLModel|Table\(", text):
            continue
        try:
            tree = parse(text)
        except NotPython:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                yield _class(node, path)
            elif isinstance(node, ast.Call) and _last(node.func) == "Table" and node.args:
                match node.args[0]:
                    case ast.Constant(value=str() as table) if table in tables:
                        yield Model("", table, Place(path, node.lineno), dict(_table_columns(node, path)))
                    case _:
                        pass


def _class(node: ast.ClassDef, path: str) -> Model:
    bases = tuple(_last(base) for base in node.bases)
    table: str | None = None
    columns: dict[str, Place] = {}
    for line in node.body:
        match line:
            case ast.Assign(targets=[ast.Name(id="__tablename__")], value=ast.Constant(value=str() as name)):
                table = name
            case ast.Assign(
                targets=[ast.Name(id="__table__")], value=ast.Call(args=[ast.Constant(value=name), *_]) as made
            ):
                table = name if isinstance(name, str) else None
                columns |= dict(_table_columns(made, path))
            case ast.Assign(targets=[ast.Name(id=attribute)], value=ast.Call() as made):
                if _makes_column(made):
                    columns[_named(made, attribute)] = Place(path, line.lineno, _is_deferred(made))
            case ast.AnnAssign(target=ast.Name(id=attribute), annotation=annotation, value=value):
                if _annotated(annotation, value, node):
                    made_by = value if isinstance(value, ast.Call) else None
                    name = _named(made_by, attribute) if made_by is not None else attribute
                    columns[name] = Place(path, line.lineno, made_by is not None and _is_deferred(made_by))
            case _:
                pass
    return Model(node.name, table or _implied(node, bases), Place(path, node.lineno), columns, bases)


def _implied(node: ast.ClassDef, bases: Sequence[str]) -> str | None:
    """The table of a class without a `__tablename__`: SQLModel uses its name in lower case, Flask snake case."""
    if any(keyword.arg == "table" for keyword in node.keywords):
        return node.name.lower()
    if "Model" in bases:
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", node.name).lower()
    return None


def _annotated(annotation: ast.expr, value: ast.expr | None, node: ast.ClassDef) -> bool:
    if isinstance(value, ast.Call) and _last(value.func) in _NO_COLUMNS:
        return False
    if isinstance(annotation, ast.Subscript) and _last(annotation.value) == "Mapped":
        return value is None or not isinstance(value, ast.Call) or _makes_column(value)
    return any(keyword.arg == "table" for keyword in node.keywords)


def _makes_column(call: ast.Call) -> bool:
    return _last(call.func) in _COLUMN_MAKERS


def _named(call: ast.Call, attribute: str) -> str:
    """The column's own name where it has one, else the attribute's."""
    inner = next((one for one in call.args if isinstance(one, ast.Call) and _makes_column(one)), None)
    if inner is not None:
        return _named(inner, attribute)
    match call.args:
        case [ast.Constant(value=str() as name), *_] if _last(call.func) != "Field":
            return name
        case _:
            return attribute


def _is_deferred(call: ast.Call) -> bool:
    keyword_deferred = any(
        keyword.arg == "deferred" and isinstance(keyword.value, ast.Constant) and keyword.value.value is True
        for keyword in call.keywords
    )
    return keyword_deferred or _last(call.func) == "deferred"


def _table_columns(call: ast.Call, path: str) -> Iterator[tuple[str, Place]]:
    for argument in call.args:
        match argument:
            case ast.Call(args=[ast.Constant(value=str() as name), *_]) if _makes_column(argument):
                yield name, Place(path, argument.lineno)
            case _:
                pass


def _last(node: ast.expr) -> str:
    """The last name of a dotted one."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(attr=name):
            return name
        case ast.Subscript(value=inner):
            return _last(inner)
        case _:
            return ""
