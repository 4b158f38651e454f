"""The relations that are read: those asked by name, those that hang on another thing that is named, and all they reach.

What is named by another kind (a schema, a role, an extension, the whole database) may have any number of relations: the
largest are read, and how many are left out is said.
"""

USER_SCHEMA = (
    "{0}.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND {0}.nspname !~ '^pg_(temp|toast_temp)_'"
)

_RELATIONS = "c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')"

_ASKED = f"""
asked AS (
  SELECT a.name::name AS name, a.schema FROM unnest(%(names)s::text[], %(schemas)s::text[]) AS a(name, schema)),
named AS (
  SELECT f.oid FROM (
    SELECT c.oid, a.schema, n.nspname, count(*) OVER (PARTITION BY a.name, a.schema) AS homonyms
    FROM asked a JOIN pg_class c ON c.relname = a.name JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE (a.schema IS NULL OR a.schema = n.nspname) AND {USER_SCHEMA.format("n")}) f
  WHERE f.schema IS NOT NULL OR f.nspname = ANY(%(search_path)s::text[]) OR f.homonyms <= 20),
thing AS (
  SELECT a.kind, a.name::name AS name, a.schema
  FROM unnest(%(kinds)s::text[], %(things)s::text[], %(thing_schemas)s::text[]) AS a(kind, name, schema)),
object(class, oid) AS MATERIALIZED (
  SELECT 'pg_proc'::regclass, p.oid
  FROM unnest(%(function_names)s::text[], %(function_schemas)s::text[]) AS a(name, schema)
  JOIN pg_proc p ON p.proname = a.name::name JOIN pg_namespace n ON n.oid = p.pronamespace
  WHERE (a.schema IS NULL OR a.schema = n.nspname) AND {USER_SCHEMA.format("n")}
  UNION ALL
  SELECT d.classid::regclass, d.objid FROM thing t JOIN pg_extension e ON t.kind = 'EXTENSION' AND e.extname = t.name
  JOIN pg_depend d ON d.refclassid = 'pg_extension'::regclass AND d.refobjid = e.oid AND d.deptype = 'e'
  UNION ALL
  SELECT 'pg_proc'::regclass, p.oid FROM thing t JOIN pg_namespace n ON t.kind = 'SCHEMA' AND n.nspname = t.name
  JOIN pg_proc p ON p.pronamespace = n.oid WHERE {USER_SCHEMA.format("n")}
  UNION ALL
  SELECT 'pg_type'::regclass, y.oid FROM thing t JOIN pg_namespace n ON t.kind = 'SCHEMA' AND n.nspname = t.name
  JOIN pg_type y ON y.typnamespace = n.oid WHERE {USER_SCHEMA.format("n")}
  UNION ALL
  SELECT 'pg_class'::regclass, c.oid FROM named k JOIN pg_class c ON c.oid = k.oid AND c.relkind = 'S'),
named_type(oid) AS (
  SELECT t.oid FROM asked a JOIN pg_type t ON t.typname = a.name JOIN pg_namespace n ON n.oid = t.typnamespace
  WHERE (a.schema IS NULL OR a.schema = n.nspname) AND {USER_SCHEMA.format("n")}
    AND (t.typtype <> 'c' OR EXISTS (SELECT FROM pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
  UNION
  SELECT o.oid FROM object o WHERE o.class = 'pg_type'::regclass
  UNION
  SELECT d.oid FROM named_type k CROSS JOIN LATERAL (
    SELECT t.typarray FROM pg_type t WHERE t.oid = k.oid AND t.typarray <> 0
    UNION ALL
    SELECT u.objid FROM pg_depend u
    WHERE u.refclassid = 'pg_type'::regclass AND u.refobjid = k.oid AND u.classid = 'pg_type'::regclass
    UNION ALL
    SELECT c.reltype FROM pg_depend u JOIN pg_class c ON c.oid = u.objid AND c.relkind = 'c'
    WHERE u.refclassid = 'pg_type'::regclass AND u.refobjid = k.oid AND u.classid = 'pg_class'::regclass) d(oid)),"""

_HANGING = """
  SELECT c.oid FROM thing t JOIN pg_namespace n ON t.kind = 'SCHEMA' AND n.nspname = t.name
  JOIN pg_class c ON c.relnamespace = n.oid WHERE {relations}
  UNION
  SELECT c.oid FROM thing t JOIN pg_roles r ON t.kind = 'ROLE' AND r.rolname = t.name
  JOIN pg_class c ON c.relowner = r.oid WHERE {relations}
  UNION
  SELECT r.prrelid FROM thing t JOIN pg_publication p ON t.kind = 'PUBLICATION' AND p.pubname = t.name
  JOIN pg_publication_rel r ON r.prpubid = p.oid
  {schemas}
  UNION
  SELECT c.oid FROM thing t JOIN pg_publication p ON t.kind = 'PUBLICATION' AND p.pubname = t.name AND p.puballtables
  JOIN pg_class c ON c.relkind IN ('r', 'p')
  UNION
  SELECT c.oid FROM thing t JOIN pg_tablespace s ON t.kind = 'TABLESPACE' AND s.spcname = t.name
  JOIN pg_class c ON c.reltablespace = s.oid OR (c.reltablespace = 0
    AND s.oid = (SELECT d.dattablespace FROM pg_database d WHERE d.datname = current_database()))
  WHERE c.relkind IN ('r', 'm', 'i')
  UNION
  SELECT f.ftrelid FROM thing t JOIN pg_foreign_server s ON t.kind = 'SERVER' AND s.srvname = t.name
  JOIN pg_foreign_table f ON f.ftserver = s.oid
  UNION
  SELECT s.stxrelid FROM thing t JOIN pg_statistic_ext s ON t.kind = 'STATISTICS' AND s.stxname = t.name
  JOIN pg_namespace n ON n.oid = s.stxnamespace WHERE t.schema IS NULL OR t.schema = n.nspname
  UNION
  SELECT c.oid FROM pg_class c WHERE %(all_tables)s::bool AND c.relkind IN ('r', 'p', 'm')
  UNION
  SELECT CASE d.classid
      WHEN 'pg_class'::regclass THEN d.objid
      WHEN 'pg_attrdef'::regclass THEN (SELECT x.adrelid FROM pg_attrdef x WHERE x.oid = d.objid)
      WHEN 'pg_constraint'::regclass THEN (SELECT x.conrelid FROM pg_constraint x WHERE x.oid = d.objid)
      WHEN 'pg_trigger'::regclass THEN (SELECT x.tgrelid FROM pg_trigger x WHERE x.oid = d.objid)
      WHEN 'pg_policy'::regclass THEN (SELECT x.polrelid FROM pg_policy x WHERE x.oid = d.objid)
      WHEN 'pg_rewrite'::regclass THEN (SELECT x.ev_class FROM pg_rewrite x WHERE x.oid = d.objid)
      WHEN 'pg_statistic_ext'::regclass THEN (SELECT x.stxrelid FROM pg_statistic_ext x WHERE x.oid = d.objid) END
  FROM object o JOIN pg_depend d ON d.refclassid = o.class AND d.refobjid = o.oid"""
"""Relations of a schema, a role, a publication, ...; the whole database's; and those of which a part uses a function, a
sequence or what an extension brings."""

_PUBLISHED_SCHEMAS = """
  UNION
  SELECT c.oid FROM thing t JOIN pg_publication p ON t.kind = 'PUBLICATION' AND p.pubname = t.name
  JOIN pg_publication_namespace s ON s.pnpubid = p.oid
  JOIN pg_class c ON c.relnamespace = s.pnnspid AND c.relkind IN ('r', 'p')"""

# How far the walk goes: from a named relation to its children and their views; to its parents, but not beyond.
_WALKED = """
found AS (SELECT n.oid FROM named n UNION SELECT h.oid FROM hanging h),
seed AS (
  SELECT coalesce(i.indrelid, s.refobjid, c.oid) AS oid
  FROM found k JOIN pg_class c ON c.oid = k.oid
  LEFT JOIN pg_index i ON i.indexrelid = c.oid
  LEFT JOIN pg_depend s ON c.relkind = 'S' AND s.classid = 'pg_class'::regclass AND s.objid = c.oid
    AND s.refclassid = 'pg_class'::regclass AND s.deptype IN ('a', 'i')
  UNION
  SELECT k.oid FROM found k
  UNION
  SELECT u.objid FROM named_type k JOIN pg_depend u ON u.refclassid = 'pg_type'::regclass AND u.refobjid = k.oid
  WHERE u.classid = 'pg_class'::regclass),
viewed AS MATERIALIZED (
  SELECT DISTINCT r.ev_class AS view, d.refobjid AS used
  FROM pg_depend d JOIN pg_rewrite r ON r.oid = d.objid
  WHERE d.classid = 'pg_rewrite'::regclass AND d.refclassid = 'pg_class'::regclass AND r.ev_class <> d.refobjid),
edge(src, dst, needs, gives) AS MATERIALIZED (
  SELECT f.confrelid, f.conrelid, 2, 2 FROM pg_constraint f WHERE f.contype = 'f'
  UNION SELECT f.conrelid, f.confrelid, 2, 1 FROM pg_constraint f WHERE f.contype = 'f'
  UNION SELECT i.inhparent, i.inhrelid, 1, 2 FROM pg_inherits i
  UNION SELECT i.inhrelid, i.inhparent, 1, 2 FROM pg_inherits i
  UNION SELECT v.used, v.view, 2, 2 FROM viewed v
  UNION SELECT v.view, v.used, 1, 1 FROM viewed v),
walk(oid, reach) AS (
  SELECT s.oid, 2 FROM seed s
  UNION
  SELECT e.dst, least(w.reach, e.gives) FROM walk w JOIN edge e ON e.src = w.oid AND w.reach >= e.needs),
reached AS (SELECT DISTINCT w.oid FROM walk w)"""

_EVERYTHING = f"""
reached AS (
  SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {USER_SCHEMA.format("n")}),
left_out AS (SELECT 0 AS many)"""


def reached(major: int, *, everything: bool) -> str:
    """The CTEs `reached` (oid) and `left_out` (many: the relations that would be too many)."""
    if everything:
        return _EVERYTHING
    hanging = _HANGING.format(relations=_RELATIONS, schemas=_PUBLISHED_SCHEMAS if major >= 15 else "")
    return f"""{_ASKED}
all_hanging AS MATERIALIZED (
  SELECT c.oid, c.relpages FROM ({hanging}) h(oid)
  JOIN pg_class c ON c.oid = h.oid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {USER_SCHEMA.format("n")}),
hanging AS (SELECT h.oid FROM all_hanging h ORDER BY h.relpages DESC, h.oid LIMIT %(most)s),
left_out AS (SELECT greatest(count(*) - %(most)s, 0) AS many FROM all_hanging),
{_WALKED.strip()}"""
