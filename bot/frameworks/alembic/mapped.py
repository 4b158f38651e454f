"""The mapped classes that a migration file defines."""

import ast

from bot.core.language.names import Name


def models_in(tree: ast.Module) -> dict[str, Name]:
    """The mapped classes that the file defines, with their tables."""
    found: dict[str, Name] = {}
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef):
            continue
        table = schema = None
        for line in node.body:
            match line:
                case ast.Assign(targets=[ast.Name(id="__tablename__")], value=ast.Constant(value=str() as name)):
                    table = name
                case ast.Assign(
                    targets=[ast.Name(id="__table__")], value=ast.Call(args=[ast.Constant(value=str() as name), *_])
                ):
                    table = name
                case ast.Assign(targets=[ast.Name(id="__table_args__")], value=value):
                    schema = _schema_in(value)
                case _:
                    pass
        if table is not None:
            found[node.name] = Name(table, schema)
    return found


def _schema_in(node: ast.expr) -> str | None:
    for part in ast.walk(node):
        if isinstance(part, ast.Dict):
            for key, value in zip(part.keys, part.values, strict=True):
                match key, value:
                    case ast.Constant(value="schema"), ast.Constant(value=str() as schema):
                        return schema
                    case _:
                        pass
    return None
