"""The grammar that statements share: expressions, queries, changes of rows, types, columns, constraints.

Eight modules are one grammar and know each other, as their rules do in gram.y: `expressions, primaries, calls,
xml_json, queries, sources, rows, index_elements`. An expression holds queries, a query holds expressions, WITH
holds an INSERT, whose ON CONFLICT lists the elements of an index. They import one another as modules
(`primaries.primary(c)`) and use nothing of each other while they are loaded. This is the only circle of files in
the house. Below them stand `types`, `options`, `sequences` and the tables `precedence`, `shapes` and
`special_calls`, above them `partitions`, `constraints` and `columns`; none of these is part of the circle.

Where to begin: `expressions.expression`, `expressions.skip_expression`, `queries.read_query`, `rows.row_statement`,
`types.data_type`, `columns.column`, `constraints.table_constraint`, `index_elements.index_element`.

How every function with a cursor `c` is to be read:

- It is a production of gram.y, or a part of one: it has that rule's name, or its docstring names the rule.
- It finds the cursor at its first token and leaves it at the first token behind what it has read.
- It gives a value where the core asks for one. What expressions mention is noted in `c.found` on the way.
- Where PostgreSQL has a syntax error it raises Unreadable (`c.fail`, `c.need`). Nobody catches that here: the whole
  statement is given up, and its cursor with it.
- It looks ahead instead of going back; the few that go back say so. What a generated parser knows by its tables is
  asked ahead, by functions called `is_...` and `begins_...`, which take nothing. Where PostgreSQL's lexer looks
  ahead for its grammar (NOT_LA, NULLS_LA, WITH_LA, WITHOUT_LA and FORMAT_LA, base_yylex in parser.c), the same is
  done where the token is met.
- One whose docstring says "where it stands" may take nothing, as gram.y's opt_... rules: then it gives "", (), None
  or False.
- One that nests calls `c.deeper()` first, and lowers `c.depth` when it is done.

Deliberately absent: syntax trees, names resolved to what they mean, and whatever PostgreSQL finds out only after
parsing.

gram.y: https://github.com/postgres/postgres/blob/REL_18_STABLE/src/backend/parser/gram.y
parser.c: https://github.com/postgres/postgres/blob/REL_18_STABLE/src/backend/parser/parser.c
"""
