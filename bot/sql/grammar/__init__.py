"""The grammar that statements share: expressions, queries, changes of rows, types, columns, constraints.

Eight modules are one grammar and know each other, as their rules do in gram.y: `expressions, primaries, calls,
xml_json, queries, sources, rows, index_elements`. An expression holds queries, a query holds expressions, WITH
holds an INSERT, whose ON CONFLICT lists the elements of an index. They import one another as modules
(`primaries.primary(c)`) and use nothing of each other while they are loaded. This is the only circle of files in
the house. Below them are `types`, `options`, `sequences` and the tables `precedence`, `shapes` and
`special_calls`, above them `partitions`, `constraints` and `columns`; none of these is part of the circle.

Where to begin: `expressions.expression`, `expressions.skip_expression`, `queries.read_query`, `rows.row_statement`,
`types.data_type`, `columns.column`, `constraints.table_constraint`, `index_elements.index_element`.

The convention for every function with a cursor `c`:

- It is a production of gram.y, or a part of one: it has that rule's name, or its docstring names the rule.
- It starts with the cursor at its first token and leaves it at the first token after what it has read.
- It returns a value where the core needs one. What expressions mention is noted in `c.found` on the way.
- Where PostgreSQL has a syntax error it raises Unreadable (`c.fail`, `c.need`). The grammar never catches it: the whole
  statement is given up, and its cursor with it.
- It looks ahead instead of going back; the few that go back say so. What a generated parser decides with its tables
  is decided by functions called `is_...` and `begins_...`, which consume nothing. Where PostgreSQL's lexer looks
  ahead for its grammar (NOT_LA, NULLS_LA, WITH_LA, WITHOUT_LA and FORMAT_LA, base_yylex in parser.c), this is done
  at the token.
- Where its docstring says "if present", it may consume nothing, like gram.y's opt_... rules: then it returns "", (),
  None or False.
- Where it nests, it calls `c.deeper()` first, and lowers `c.depth` at the end.

Deliberately absent: syntax trees, resolving names, and everything that PostgreSQL checks only after parsing.

gram.y: https://github.com/postgres/postgres/blob/REL_18_STABLE/src/backend/parser/gram.y
parser.c: https://github.com/postgres/postgres/blob/REL_18_STABLE/src/backend/parser/parser.c
"""
