"""Migrations that are code: what a tool provides, and the framework made from it.

A framework of code is a folder with `FRAMEWORK = CodeFiles(name, title, example, known_by, recognises,
parts, history, units)`; the last two say how the tool knows which migrations have run.
`parts()` imports the modules for the language late, and returns `Parts`:

- `read(files)`: `read_run(name, [CodeFile(...), ...])` in the order in which the tool applies the files. A `CodeFile`
  says what the tool does around a file: the `Wrapper` that it opens, what it continues from the file before. Its
  `follow` returns what the file sends; an error affects only this file.
- `spelling(like)`: a `Spelling` of operations as calls, in the place of that file.
- `models`, `wanted`: which other files show what running code still names, and how the migrations run.

To follow a file of Python: `PythonFile.of(text)`, a `Handler` with `called` (what calling something of the library
sends: `file.send(node, operations)`, `file.send_text(node, sql, argument, names)`), and `Walk(handler)`, which knows
Python's control flow: `walk.function(node, walk.module(tree))`. Then `file.outbox.sent` is what `follow` returns.
Ruby is read in the same way by `bot.frameworks.ruby`, whose `Extensions` hold what the framework adds to Ruby itself.

You get: statements at their own lines and characters, numbered into transactions as PostgreSQL counts them, allows,
suggestions that are read back before they are shown, whole files, rewritten files. Two readers of about 25 lines each
are in `tests/frameworks/test_kit.py`.

The spelling knows nothing of the reader; the reader knows nothing of the spelling. No language is known here.
"""
