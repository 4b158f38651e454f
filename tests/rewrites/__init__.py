"""The proof of the safe rewrites: against running code, other roles, rollbacks and the real tools.

Each case is a migration as its author wrote it (`sql_cases`). Its plan, as migsafe writes it, is applied by the
real tool to a clone of one populated database (`tables.sql`, `clones`), while code of another role reads and writes
(`running_code`, `shop`); `chains` asks nine questions of it. `known` lists what is wrong today.

To see one case, with its plan and all that was found, and an idle reader before each step:

    uv run python -m tests.rewrites "rename of a column"

names all cases whose name holds these words. Without words all cases run, and a table of them is printed.
"""
