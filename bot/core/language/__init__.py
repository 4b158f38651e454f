"""The words that all other rooms use: operations, statements, expressions, names, types, locks, facts.

Frozen values, named as PostgreSQL names them; every framework is read into them and every rewrite written out of
them. This room knows nothing but the standard library. Absent on purpose: what a statement does (`effects`), what a
database holds (`schema`), and any opinion.
"""
