"""A change of many rows as a revision of Alembic makes it: a loop over ranges of the key in `autocommit_block`."""

from bot.core.language import operations as op
from bot.core.language.names import quote
from bot.frameworks.alembic.spell import python_string, without_binds
from bot.frameworks.code_files.spelling import CodeBody
from bot.sql.writing.rows import around_target, target

_WITHOUT_CONNECTION = "alembic upgrade --sql has no rows to walk along: run this revision with a connection"


def in_batches(change: op.Update | op.Delete, where: str, key: str | None) -> CodeBody:
    """Each range is a statement of its own; what was done no longer matches, or is done alike."""
    before, after = around_target(change)
    table = target(change)
    statement = python_string(without_binds(f"{before}{table}{after} WHERE ({where})"))
    done = "changed" if isinstance(change, op.Update) else "deleted"
    name = change.table
    found = f"sa.inspect(connection).get_pk_constraint({python_string(name.name)}, {_schema(name.schema)})"
    look_up = (
        f'columns = {found}["constrained_columns"]\n'
        "if len(columns) != 1:\n"
        f"    raise RuntimeError({python_string(f'{name} has no primary key of one column')})\n"
        "key = connection.dialect.identifier_preparer.quote(columns[0])\n"
    )
    known = f"key = {python_string(without_binds(quote(key)))}\n" if key is not None else look_up
    loop = (
        "if op.get_context().as_sql:\n"
        f"    raise RuntimeError({python_string(_WITHOUT_CONNECTION)})\n"
        "# May be stopped and run again: rows that are done are skipped.\n"
        "connection = op.get_bind()\n"
        f"{known}"
        f"change = {statement}\n"
        'done, within, keys = 0, "", {}\n'
        "while True:\n"
        f"    rows = {python_string(without_binds(f'FROM {table} WHERE true'))} + within\n"
        '    last = sa.text(f"SELECT {key} {rows} ORDER BY {key} OFFSET 4999 LIMIT 1")\n'
        "    upto = connection.scalar(last, keys)\n"
        "    if upto is not None:\n"
        '        within, keys = f"{within} AND {key} <= :upto", {**keys, "upto": upto}\n'
        '    done += connection.execute(sa.text(f"{change}{within}"), keys).rowcount\n'
        f'    print(f"{{done}} rows {done}, up to {{upto}}")\n'
        "    if upto is None:\n"
        "        break\n"
        '    within, keys = f" AND {key} > :after", {"after": upto}\n'
        "    time.sleep(0.1)"
    )
    return CodeBody("", (loop,), (), transactional=False, opening="import time\n\n")


def _schema(schema: str | None) -> str:
    return f"schema={python_string(schema)}" if schema is not None else "schema=None"
