"""What expressions and queries mean: whose columns they name, which functions and operators they call, of what type.

A reading of the author's text, which the grammar has accepted, against the catalog: as far as every part is known.
Where a part is not, its type is not known, and nothing that rests on it is said. `Refusal` is PostgreSQL's error.

Sources: parse_expr.c, parse_func.c (func_get_detail), parse_oper.c, parse_coerce.c, parse_relation.c, parse_target.c;
https://www.postgresql.org/docs/current/typeconv.html.
"""
