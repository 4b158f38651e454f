"""A change of many rows as Active Record makes it in batches: `in_batches`, with a model of the migration's own."""

import re

from bot.core.language import operations as op
from bot.frameworks.code_files.spelling import CodeBody
from bot.frameworks.rails.spell import ruby_string

_PLAIN = re.compile(r"\w+(?: \w+)*")


def in_batches(change: op.Update | op.Delete, where: str, key: str | None) -> CodeBody | None:
    """Each batch is a statement of its own; what was done no longer matches, or is done alike.

    None where Active Record reads the table's name otherwise than PostgreSQL does.
    """
    name = change.table
    if any(part is not None and not _PLAIN.fullmatch(part) for part in (name.name, name.schema)):
        return None
    table = ruby_string(name.name if name.schema is None else f"{name.schema}.{name.name}")
    model = ["class Rows < ActiveRecord::Base", f"  self.table_name = {table}", "  self.inheritance_column = :_none"]
    model += [f"  self.primary_key = {ruby_string(key)}"] if key is not None else []
    verb = f"update_all({ruby_string(change.assignments)})" if isinstance(change, op.Update) else "delete_all"
    done = "changed" if isinstance(change, op.Update) else "deleted"
    matching = "" if where == "true" else f".where({ruby_string(where)})"
    guard = 'raise "#{Rows.table_name} has no primary key of one column" if Rows.primary_key.nil?\n'
    loop = (
        "# May be stopped and run again: rows that are done are skipped.\n"
        f"{guard if key is None else ''}"
        "done = 0\n"
        f"Rows{matching}.in_batches(of: 5000) do |batch|\n"
        f"  done += batch.{verb}\n"
        f'  say "#{{done}} rows {done}"\n'
        "  sleep 0.1\n"
        "end"
    )
    return CodeBody("", (loop,), (), transactional=False, opening="\n".join([*model, "end"]))
