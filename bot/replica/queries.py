"""The catalog queries: a small, fixed number for any number of tables; PostgreSQL 12 to 18.

Names are only in parameters. Definitions are deparsed and sizes read only if nobody holds the lock that would make us
wait: the queries must not wait for a migration that the standby replays, nor delay it.
"""

from bot.replica.attached import attachments, attributes, comment
from bot.replica.reached import USER_SCHEMA, reached

SESSION = """
SELECT current_database()::text AS database, pg_is_in_recovery() AS standby, now() AS at,
  current_setting('server_version') AS version,
  (SELECT json_agg(json_build_object('name', s.name, 'value', s.reset_val, 'unit', s.unit, 'source', s.source))
   FROM pg_settings s
   WHERE s.name IN ('lock_timeout', 'statement_timeout', 'transaction_timeout', 'TimeZone', 'search_path')) AS settings,
  (SELECT json_agg(json_build_object('database', s.setdatabase <> 0, 'role', s.setrole <> 0, 'settings', s.setconfig))
   FROM pg_db_role_setting s
   LEFT JOIN pg_database d ON d.oid = s.setdatabase
   LEFT JOIN pg_roles r ON r.oid = s.setrole
   WHERE (s.setdatabase = 0 OR d.datname = current_database())
     AND (s.setrole = 0 OR r.rolname = %(role)s::text)) AS overrides,
  EXISTS (SELECT FROM pg_roles r WHERE r.rolname = %(role)s::text) AS role_exists,
  ARRAY(SELECT n.nspname::text FROM pg_namespace n WHERE {user_schema} ORDER BY 1) AS schemas,
  ARRAY(SELECT e.extname::text FROM pg_extension e ORDER BY 1) AS extensions
""".format(user_schema=USER_SCHEMA.format("n"))

LIMITS = """
SELECT set_config('search_path', '', true), set_config('lock_timeout', '200ms', true),
  set_config('statement_timeout', %(statement_timeout)s::text, true), set_config('jit', 'off', true)
"""
"""With an empty search_path every name outside pg_catalog is deparsed with its schema. JIT only costs time here: the
planner takes queries of the catalog for dearer than they are (1.7 s with it, 0.15 s without, on 15)."""

REPLAY_LAG = """
SELECT CASE
    WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()
      AND EXISTS (SELECT FROM pg_stat_wal_receiver WHERE pid IS NOT NULL) THEN 0.0
    ELSE extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())
  END::float8 AS lag
"""

_LOCKED = """
locked AS MATERIALIZED (
  SELECT DISTINCT l.relation AS oid FROM pg_locks l
  WHERE l.locktype = 'relation' AND l.mode = 'AccessExclusiveLock' AND l.pid <> pg_backend_pid()
    AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))"""


def relations(major: int, *, everything: bool) -> str:
    """The query for the named relations and all they reach, or for all relations, with their sizes."""
    return f"""
WITH RECURSIVE {_LOCKED.strip()},{reached(major, everything=everything)},
wanted AS (
  SELECT r.oid FROM reached r
  UNION
  SELECT d.objid FROM reached r JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = r.oid
  WHERE d.classid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
    AND EXISTS (SELECT FROM pg_class s WHERE s.oid = d.objid AND s.relkind = 'S'))
SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name, c.relkind::text AS kind,
  c.relpersistence::text AS persistence, c.reltuples::float8 AS tuples, c.relpages AS pages,
  c.relispartition AS is_partition, c.relrowsecurity AS row_security,
  c.relreplident::text AS replica_identity, c.relispopulated AS populated,
  pg_get_userbyid(c.relowner)::text AS owner, c.reloptions AS options,
  m.amname::text AS access_method, s.spcname::text AS tablespace,
  (SELECT f.srvname::text FROM pg_foreign_table g JOIN pg_foreign_server f ON f.oid = g.ftserver
   WHERE g.ftrelid = c.oid) AS server, (SELECT o.many FROM left_out o) AS left_out,
  o.typname::text AS of_type, p.nspname::text AS of_type_schema, l.oid IS NOT NULL AS locked,
  CASE WHEN l.oid IS NULL AND c.relkind IN ('r', 'm', 't') THEN pg_relation_size(c.oid) END AS heap_bytes,
  CASE WHEN l.oid IS NULL AND c.reltoastrelid <> 0 AND c.reltoastrelid NOT IN (SELECT oid FROM locked)
    THEN pg_total_relation_size(c.reltoastrelid) END AS toast_bytes,
  CASE WHEN l.oid IS NULL AND c.relispartition THEN pg_get_expr(c.relpartbound, c.oid) END AS bound,
  CASE WHEN l.oid IS NULL AND c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END AS partition_key,
  CASE WHEN c.relkind IN ('v', 'm') AND NOT EXISTS (
      SELECT FROM pg_rewrite r JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
      JOIN locked k ON k.oid = d.refobjid WHERE r.ev_class = c.oid AND d.refclassid = 'pg_class'::regclass)
    THEN pg_get_viewdef(c.oid) END AS view_definition,
  CASE WHEN q.seqrelid IS NOT NULL THEN json_build_object('type', format_type(q.seqtypid, NULL),
    'start', q.seqstart, 'increment', q.seqincrement, 'min', q.seqmin, 'max', q.seqmax, 'cache', q.seqcache,
    'cycle', q.seqcycle) END AS sequence_options,
  (SELECT x.description FROM pg_description x
   WHERE x.objoid = c.oid AND x.classoid = 'pg_class'::regclass AND x.objsubid = 0) AS comment
FROM wanted w
JOIN pg_class c ON c.oid = w.oid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN locked l ON l.oid = c.oid
LEFT JOIN pg_am m ON m.oid = c.relam
LEFT JOIN pg_sequence q ON q.seqrelid = c.oid
LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
LEFT JOIN pg_type o ON o.oid = c.reloftype AND c.reloftype <> 0
LEFT JOIN pg_namespace p ON p.oid = o.typnamespace
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND c.relpersistence <> 't' AND {USER_SCHEMA.format("n")}
ORDER BY n.nspname, c.relname
"""


def parts(major: int, *, everything: bool) -> str:
    """One query for everything about these relations: each part is an array of JSON objects."""
    queries = {
        "columns": _columns(major),
        "statistics": _STATISTICS,
        "constraints": _constraints(major),
        "indexes": _indexes(major),
        "attachments": attachments(major),
        "types": _types(everything=everything),
        "functions": _FUNCTIONS,
    }
    return "SELECT " + ",\n".join(
        f"coalesce((SELECT json_agg(q) FROM ({query}) q), '[]') AS {part}" for part, query in queries.items()
    )


def _columns(major: int) -> str:
    compression = "nullif(a.attcompression::text, '')" if major >= 14 else "NULL::text"
    return f"""
SELECT a.attrelid::bigint AS relation, a.attname::text AS name, {_TYPE},
  CASE WHEN a.atttypmod <> -1 THEN format_type(a.atttypid, a.atttypmod) END AS modified,
  a.attnotnull AS not_null, a.attgenerated::text AS generated, a.attidentity::text AS identity,
  a.atthasmissing AS missing_default, a.attinhcount > 0 AS inherited,
  CASE WHEN a.attrelid <> ALL(%(locked)s::oid[]) THEN pg_get_expr(d.adbin, d.adrelid, true) END AS expression,
  d.oid IS NOT NULL AS has_expression,
  CASE WHEN a.attcollation <> t.typcollation THEN c.collname::text END AS collation,
  cn.nspname::text AS collation_schema, {compression} AS compression,
  CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage::text END AS storage,
  CASE WHEN a.attstattarget >= 0 THEN a.attstattarget END AS statistics_target, a.attoptions AS options,
  x.description AS comment
FROM pg_attribute a {_TYPE_JOINS.format("a.atttypid")}
LEFT JOIN pg_description x ON x.classoid = 'pg_class'::regclass AND x.objoid = a.attrelid AND x.objsubid = a.attnum
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_collation c ON c.oid = a.attcollation
LEFT JOIN pg_namespace cn ON cn.oid = c.collnamespace
WHERE a.attrelid = ANY(%(oids)s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attrelid, a.attnum
"""


_TYPE = """coalesce(e.typname, t.typname)::text AS type, coalesce(en.nspname, tn.nspname)::text AS type_schema,
  e.oid IS NOT NULL AS is_array"""
_TYPE_JOINS = """
JOIN pg_type t ON t.oid = {}
JOIN pg_namespace tn ON tn.oid = t.typnamespace
LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A' AND t.typlen = -1
LEFT JOIN pg_namespace en ON en.oid = e.typnamespace"""

_STATISTICS = """
SELECT s.schemaname::text AS schema, s.tablename::text AS name, s.attname::text AS column, s.inherited,
  s.null_frac::float8 AS null_fraction, s.n_distinct::float8 AS distinct, s.avg_width AS average_width
FROM pg_stats s
WHERE s.schemaname = ANY(%(table_schemas)s::name[]) AND s.tablename = ANY(%(table_names)s::name[])
"""
"""Shows only columns that the role may select."""


def _constraints(major: int) -> str:
    """Constraints of tables, without the copies that PostgreSQL keeps of a foreign key to a partitioned table."""
    enforced = "c.conenforced" if major >= 18 else "true"
    period = "c.conperiod" if major >= 18 else "false"
    set_columns = attributes("c.confdelsetcols", "c.conrelid") if major >= 15 else "'{}'::text[]"
    return f"""
SELECT c.conrelid::bigint AS relation, c.conname::text AS name, c.contype::text AS kind, c.convalidated AS valid,
  {enforced} AS enforced, {period} AS period, c.coninhcount > 0 AS inherited, c.connoinherit AS no_inherit,
  c.condeferrable AS deferrable, c.condeferred AS deferred, {attributes("c.conkey", "c.conrelid")} AS columns,
  {attributes("c.confkey", "c.confrelid")} AS referenced_columns, {set_columns} AS set_columns,
  f.relname::text AS referenced, fn.nspname::text AS referenced_schema,
  c.confdeltype::text AS on_delete, c.confupdtype::text AS on_update, c.confmatchtype::text AS match,
  i.relname::text AS index, ni.nspname::text AS index_schema,
  ARRAY(SELECT o.oprname::text FROM unnest(c.conexclop) WITH ORDINALITY AS x(oid, place)
        JOIN pg_operator o ON o.oid = x.oid ORDER BY x.place) AS operators,
  CASE WHEN c.contype = 'c' AND c.conrelid <> ALL(%(locked)s::oid[]) THEN pg_get_expr(c.conbin, c.conrelid, true) END
    AS expression, {comment("pg_constraint", "c.oid")} AS comment
FROM pg_constraint c
LEFT JOIN pg_class f ON f.oid = c.confrelid
LEFT JOIN pg_namespace fn ON fn.oid = f.relnamespace
LEFT JOIN pg_class i ON i.oid = c.conindid AND c.contype IN ('p', 'u', 'x')
LEFT JOIN pg_namespace ni ON ni.oid = i.relnamespace
LEFT JOIN pg_constraint p ON p.oid = c.conparentid
WHERE c.conrelid = ANY(%(oids)s::oid[]) AND c.contype IN ('c', 'f', 'n', 'p', 'u', 'x')
  AND NOT (c.contype = 'f' AND p.conrelid IS NOT DISTINCT FROM c.conrelid)
ORDER BY c.conrelid, c.conname
"""


def _indexes(major: int) -> str:
    nulls = "i.indnullsnotdistinct" if major >= 15 else "false"
    free = "i.indrelid <> ALL(%(locked)s::oid[]) AND l.oid IS NULL"
    return f"""
WITH {_LOCKED.strip()}
SELECT i.indrelid::bigint AS relation, n.nspname::text AS schema, c.relname::text AS name,
  i.indisunique AS unique, i.indisprimary AS primary, i.indisexclusion AS exclusion, i.indisvalid AS valid,
  i.indisready AS ready, m.amname::text AS method, {nulls} AS nulls_not_distinct, i.indisclustered AS clustered,
  i.indisreplident AS replica_identity, c.relkind = 'I' AS partitioned, k.conname::text AS constraint,
  pn.nspname::text AS parent_schema, p.relname::text AS parent,
  CASE WHEN {free} THEN pg_get_indexdef(i.indexrelid) END AS definition,
  CASE WHEN {free} THEN pg_get_expr(i.indpred, i.indrelid, true) END AS predicate, i.indpred IS NOT NULL AS is_partial,
  CASE WHEN {free} AND c.relkind = 'i' THEN pg_relation_size(i.indexrelid) END AS bytes, c.relpages AS pages,
  c.reloptions AS options, s.spcname::text AS tablespace, {comment("pg_class", "c.oid")} AS comment,
  (SELECT json_agg(json_build_object(
     'column', a.attname, 'key', g.place < i.indnkeyatts,
     'text', CASE WHEN {free} THEN pg_get_indexdef(i.indexrelid, g.place + 1, true) END,
     'class', CASE WHEN NOT oc.opcdefault THEN oc.opcname END, 'class_schema', ocn.nspname,
     'collation', CASE WHEN i.indcollation[g.place] <> a.attcollation THEN co.collname END,
     'collation_schema', con.nspname, 'option', i.indoption[g.place]) ORDER BY g.place)
   FROM generate_series(0, i.indnatts - 1) AS g(place)
   LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[g.place] AND i.indkey[g.place] <> 0
   LEFT JOIN pg_opclass oc ON g.place < i.indnkeyatts AND oc.oid = i.indclass[g.place]
   LEFT JOIN pg_namespace ocn ON ocn.oid = oc.opcnamespace
   LEFT JOIN pg_collation co ON g.place < i.indnkeyatts AND co.oid = i.indcollation[g.place]
   LEFT JOIN pg_namespace con ON con.oid = co.collnamespace) AS elements
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_am m ON m.oid = c.relam
LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
LEFT JOIN locked l ON l.oid = i.indexrelid
LEFT JOIN pg_inherits h ON h.inhrelid = i.indexrelid
LEFT JOIN pg_class p ON p.oid = h.inhparent
LEFT JOIN pg_namespace pn ON pn.oid = p.relnamespace
LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
WHERE i.indrelid = ANY(%(oids)s::oid[])
ORDER BY n.nspname, c.relname
"""


def _types(*, everything: bool) -> str:
    """Types that are not built in: the named ones, those of the columns read, and their parts."""
    first = (
        "SELECT t.oid FROM pg_type t"
        if everything
        else """SELECT t.oid FROM unnest(%(names)s::text[], %(schemas)s::text[]) AS a(name, schema)
  JOIN pg_type t ON t.typname = a.name::name JOIN pg_namespace n ON n.oid = t.typnamespace
  WHERE a.schema IS NULL OR a.schema = n.nspname
  UNION
  SELECT t.oid FROM unnest(%(kinds)s::text[], %(things)s::text[]) AS a(kind, name)
  JOIN pg_namespace n ON a.kind = 'SCHEMA' AND n.nspname = a.name::name JOIN pg_type t ON t.typnamespace = n.oid
  UNION
  SELECT d.objid FROM unnest(%(kinds)s::text[], %(things)s::text[]) AS a(kind, name)
  JOIN pg_extension e ON a.kind = 'EXTENSION' AND e.extname = a.name::name
  JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
    AND d.classid = 'pg_type'::regclass
  UNION
  SELECT a.atttypid FROM pg_attribute a
  WHERE a.attrelid = ANY(%(oids)s::oid[]) AND a.attnum > 0 AND NOT a.attisdropped"""
    )
    return f"""
WITH RECURSIVE used(oid) AS (
  {first}
  UNION
  SELECT b.oid FROM used u JOIN pg_type t ON t.oid = u.oid CROSS JOIN LATERAL (
    SELECT t.typbasetype UNION ALL SELECT t.typelem
    UNION ALL SELECT a.atttypid FROM pg_attribute a
      WHERE t.typrelid <> 0 AND a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) b(oid)
  WHERE b.oid <> 0)
SELECT kn.nspname::text AS schema, k.typname::text AS name, k.typtype::text AS kind, k.typnotnull AS not_null,
  k.typdefault AS default, {_TYPE},
  CASE WHEN k.typtypmod <> -1 THEN format_type(k.typbasetype, k.typtypmod) END AS modified,
  (SELECT x.extname::text FROM pg_depend d JOIN pg_extension x ON x.oid = d.refobjid
   WHERE d.classid = 'pg_type'::regclass AND d.objid = k.oid AND d.deptype = 'e' LIMIT 1) AS extension,
  ARRAY(SELECT l.enumlabel::text FROM pg_enum l WHERE l.enumtypid = k.oid ORDER BY l.enumsortorder) AS labels,
  ARRAY(SELECT g.typname::text FROM pg_cast c JOIN pg_type g ON g.oid = c.casttarget
        WHERE c.castsource = k.oid AND c.castmethod = 'b' ORDER BY 1) AS coercible,
  (SELECT json_agg(json_build_object('name', c.conname, 'valid', c.convalidated, 'kind', c.contype,
     'expression', CASE WHEN c.contype = 'c' THEN pg_get_expr(c.conbin, 0, true) END) ORDER BY c.conname)
   FROM pg_constraint c WHERE c.contypid = k.oid AND c.contype IN ('c', 'n')) AS checks,
  (SELECT json_agg(a ORDER BY a.place) FROM (
     SELECT a.attnum AS place, a.attname::text AS name, {_TYPE},
       CASE WHEN a.atttypmod <> -1 THEN format_type(a.atttypid, a.atttypmod) END AS modified
     FROM pg_attribute a {_TYPE_JOINS.format("a.atttypid")}
     WHERE k.typtype = 'c' AND a.attrelid = k.typrelid AND a.attnum > 0 AND NOT a.attisdropped) a) AS attributes
FROM (SELECT DISTINCT u.oid FROM used u) u
JOIN pg_type k ON k.oid = u.oid
JOIN pg_namespace kn ON kn.oid = k.typnamespace {_TYPE_JOINS.format("coalesce(nullif(k.typbasetype, 0), k.oid)")}
WHERE {USER_SCHEMA.format("kn")} AND k.typelem = 0
  AND (k.typtype <> 'c' OR EXISTS (SELECT FROM pg_class r WHERE r.oid = k.typrelid AND r.relkind = 'c'))
ORDER BY kn.nspname, k.typname
"""


_SPELLED = """CASE WHEN coalesce(en.nspname, tn.nspname) <> 'pg_catalog'
    THEN quote_ident(coalesce(en.nspname, tn.nspname)) || '.' ELSE '' END || quote_ident(coalesce(e.typname, t.typname))
    || CASE WHEN e.oid IS NULL THEN '' ELSE '[]' END"""
"""A type by its name in pg_type, with its schema where that is not pg_catalog."""

_FUNCTIONS = f"""
SELECT n.nspname::text AS schema, p.proname::text AS name, p.pronargs AS arguments,
  p.pronargdefaults AS defaults, p.provolatile::text AS volatility, p.provariadic <> 0 AS variadic,
  l.lanname::text AS language, p.prorettype = 'trigger'::regtype AS trigger,
  ARRAY(SELECT {_SPELLED.format("t")} FROM unnest(p.proargtypes) WITH ORDINALITY AS a(oid, place)
        JOIN pg_type t ON t.oid = a.oid JOIN pg_namespace tn ON tn.oid = t.typnamespace
        LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A' AND t.typlen = -1
        LEFT JOIN pg_namespace en ON en.oid = e.typnamespace ORDER BY a.place) AS types,
  (SELECT {_SPELLED.format("t")} FROM pg_type t JOIN pg_namespace tn ON tn.oid = t.typnamespace
        LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A' AND t.typlen = -1
        LEFT JOIN pg_namespace en ON en.oid = e.typnamespace WHERE t.oid = p.prorettype) AS returns,
  p.prokind::text AS kind, p.proretset AS returns_set,
  CASE WHEN p.proargmodes IS NULL THEN p.proargnames END AS argument_names,
  (SELECT x.extname::text FROM pg_depend d JOIN pg_extension x ON x.oid = d.refobjid
   WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e' LIMIT 1) AS extension,
  ARRAY(SELECT pg_describe_object(d.classid, d.objid, d.objsubid) FROM pg_depend d
        WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid AND d.deptype = 'n' LIMIT 3) AS dependents
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
WHERE {USER_SCHEMA.format("n")} AND (%(every_function)s::bool
  OR p.oid IN (SELECT t.tgfoid FROM pg_trigger t WHERE t.tgrelid = ANY(%(oids)s::oid[]))
  OR EXISTS (SELECT FROM unnest(%(kinds)s::text[], %(things)s::text[]) AS a(kind, name)
             WHERE a.kind = 'SCHEMA' AND a.name::name = n.nspname)
  OR EXISTS (SELECT FROM unnest(%(function_names)s::text[], %(function_schemas)s::text[]) AS a(name, schema)
             WHERE a.name::name = p.proname AND (a.schema IS NULL OR a.schema = n.nspname)))
ORDER BY 1, 2, 3
"""
