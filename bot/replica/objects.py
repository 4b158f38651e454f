"""Objects that are neither relations nor types nor functions: roles, collations, servers and the like.

Few of them are PostgreSQL's own; those of kinds that have many (collations, operator classes) are read by name.
Dependents are what only CASCADE drops: at most three, as pg_describe_object says them.
"""

from collections.abc import Iterable

from bot.core.language.names import Name
from bot.core.schema.catalog import CatalogObject
from bot.replica.sizes import Row

LISTED = (
    "ROLE", "TABLESPACE", "LANGUAGE", "ACCESS METHOD", "SERVER", "FOREIGN DATA WRAPPER", "EVENT TRIGGER", "PUBLICATION",
    "SUBSCRIPTION", "USER MAPPING", "STATISTICS", "COLLATION", "CONVERSION", "OPERATOR CLASS", "OPERATOR FAMILY",
    "TEXT SEARCH CONFIGURATION", "TEXT SEARCH DICTIONARY", "TEXT SEARCH PARSER", "TEXT SEARCH TEMPLATE", "CAST",
    "OPERATOR", "TRANSFORM", "AVAILABLE EXTENSION",
)  # fmt: skip
"""All kinds that the query reads."""


def objects(*, everything: bool) -> str:
    """The query; with `everything`, also those whose names nobody asked for."""
    asked = "true" if everything else "{} = ANY(%(names)s::text[])"
    by_name = asked.format
    return f"""
WITH found(kind, schema, name, part, class, oid) AS (
  SELECT 'ROLE', NULL::text, rolname::text, '', 'pg_authid'::regclass::oid, oid FROM pg_roles
  UNION ALL SELECT 'TABLESPACE', NULL, spcname, '', 'pg_tablespace'::regclass, oid FROM pg_tablespace
  UNION ALL SELECT 'LANGUAGE', NULL, lanname, '', 'pg_language'::regclass, oid FROM pg_language
  UNION ALL SELECT 'ACCESS METHOD', NULL, amname, amtype::text, 'pg_am'::regclass, oid FROM pg_am
  UNION ALL SELECT 'SERVER', NULL, srvname, '', 'pg_foreign_server'::regclass, oid FROM pg_foreign_server
  UNION ALL SELECT 'FOREIGN DATA WRAPPER', NULL, fdwname, '', 'pg_foreign_data_wrapper'::regclass, oid
    FROM pg_foreign_data_wrapper
  UNION ALL SELECT 'EVENT TRIGGER', NULL, evtname, '', 'pg_event_trigger'::regclass, oid FROM pg_event_trigger
  UNION ALL SELECT 'PUBLICATION', NULL, pubname, CASE WHEN puballtables THEN 'ALL TABLES' ELSE '' END,
    'pg_publication'::regclass, oid FROM pg_publication
  UNION ALL SELECT 'SUBSCRIPTION', NULL, subname, '', 0, 0 FROM pg_subscription
    WHERE subdbid = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
  UNION ALL SELECT 'USER MAPPING', NULL, coalesce(usename, 'public'), srvname, 'pg_user_mapping'::regclass, umid
    FROM pg_user_mappings
  UNION ALL SELECT 'STATISTICS', n.nspname, stxname, '', 'pg_statistic_ext'::regclass, s.oid
    FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = stxnamespace WHERE {by_name("stxname")}
  UNION ALL SELECT DISTINCT ON (n.nspname, collname) 'COLLATION', n.nspname::text, collname::text, '',
    'pg_collation'::regclass::oid, c.oid
    FROM pg_collation c JOIN pg_namespace n ON n.oid = collnamespace
    WHERE {by_name("collname")} AND collencoding IN (-1, (SELECT encoding FROM pg_database
      WHERE datname = current_database()))
  UNION ALL SELECT 'CONVERSION', n.nspname, conname, '', 'pg_conversion'::regclass, c.oid
    FROM pg_conversion c JOIN pg_namespace n ON n.oid = connamespace WHERE {by_name("conname")}
  UNION ALL SELECT 'OPERATOR CLASS', n.nspname, opcname, amname, 'pg_opclass'::regclass, c.oid
    FROM pg_opclass c JOIN pg_namespace n ON n.oid = opcnamespace JOIN pg_am a ON a.oid = opcmethod
  UNION ALL SELECT 'OPERATOR FAMILY', n.nspname, opfname, amname, 'pg_opfamily'::regclass, c.oid
    FROM pg_opfamily c JOIN pg_namespace n ON n.oid = opfnamespace JOIN pg_am a ON a.oid = opfmethod
    WHERE {by_name("opfname")}
  UNION ALL SELECT 'TEXT SEARCH CONFIGURATION', n.nspname, cfgname, '', 'pg_ts_config'::regclass, c.oid
    FROM pg_ts_config c JOIN pg_namespace n ON n.oid = cfgnamespace
  UNION ALL SELECT 'TEXT SEARCH DICTIONARY', n.nspname, dictname, '', 'pg_ts_dict'::regclass, c.oid
    FROM pg_ts_dict c JOIN pg_namespace n ON n.oid = dictnamespace
  UNION ALL SELECT 'TEXT SEARCH PARSER', n.nspname, prsname, '', 'pg_ts_parser'::regclass, c.oid
    FROM pg_ts_parser c JOIN pg_namespace n ON n.oid = prsnamespace
  UNION ALL SELECT 'TEXT SEARCH TEMPLATE', n.nspname, tmplname, '', 'pg_ts_template'::regclass, c.oid
    FROM pg_ts_template c JOIN pg_namespace n ON n.oid = tmplnamespace
  UNION ALL SELECT 'CAST', NULL, s.typname, t.typname, 'pg_cast'::regclass, c.oid
    FROM pg_cast c JOIN pg_type s ON s.oid = castsource JOIN pg_type t ON t.oid = casttarget WHERE c.oid >= 16384
  UNION ALL SELECT 'OPERATOR', n.nspname, oprname, coalesce(l.typname, '') || ',' || coalesce(r.typname, ''),
    'pg_operator'::regclass, o.oid
    FROM pg_operator o JOIN pg_namespace n ON n.oid = oprnamespace
    LEFT JOIN pg_type l ON l.oid = oprleft LEFT JOIN pg_type r ON r.oid = oprright WHERE o.oid >= 16384
  UNION ALL SELECT 'TRANSFORM', NULL, t.typname, l.lanname, 'pg_transform'::regclass, f.oid
    FROM pg_transform f JOIN pg_type t ON t.oid = trftype JOIN pg_language l ON l.oid = trflang
  UNION ALL SELECT 'AVAILABLE EXTENSION', NULL, name, '', 0, 0 FROM pg_available_extensions
  UNION ALL SELECT 'SCHEMA', NULL, nspname, '', 'pg_namespace'::regclass, oid FROM pg_namespace
    WHERE nspname !~ '^pg_(temp|toast)' AND nspname NOT IN ('pg_catalog', 'information_schema')
  UNION ALL SELECT 'EXTENSION', NULL, extname, '', 'pg_extension'::regclass, oid FROM pg_extension
  UNION ALL SELECT 'TYPE', n.nspname, typname, '', 'pg_type'::regclass, t.oid
    FROM pg_type t JOIN pg_namespace n ON n.oid = typnamespace
    WHERE {by_name("typname")} AND t.oid >= 16384 AND typtype IN ('b', 'c', 'd', 'e', 'r') AND typcategory <> 'A'
      AND n.nspname !~ '^pg_(temp|toast)' AND n.nspname <> 'information_schema'
      AND (typtype <> 'c' OR EXISTS (SELECT FROM pg_class k WHERE k.oid = typrelid AND k.relkind = 'c'))
)
SELECT f.kind, f.schema, f.name, f.part AS of,
  (SELECT x.extname::text FROM pg_depend d JOIN pg_extension x ON x.oid = d.refobjid
   WHERE d.classid = f.class AND d.objid = f.oid AND d.refclassid = 'pg_extension'::regclass
     AND d.deptype = 'e' LIMIT 1) AS extension,
  CASE WHEN f.kind = 'ROLE' THEN ARRAY(
    SELECT CASE d.deptype WHEN 'o' THEN 'owner of ' ELSE 'privileges for ' END
      || coalesce(pg_describe_object(d.classid, d.objid, d.objsubid), 'an object')
    FROM pg_shdepend d WHERE d.refclassid = f.class AND d.refobjid = f.oid AND d.deptype IN ('o', 'a')
      AND d.dbid IN (0, (SELECT b.oid FROM pg_database b WHERE b.datname = current_database())) LIMIT 3)
  WHEN f.kind = 'EXTENSION' THEN ARRAY(
    SELECT pg_describe_object(d.classid, d.objid, d.objsubid)
    FROM pg_depend m JOIN pg_depend d ON d.refclassid = m.classid AND d.refobjid = m.objid AND d.deptype = 'n'
    WHERE m.refclassid = f.class AND m.refobjid = f.oid AND m.deptype = 'e' AND NOT EXISTS (
      SELECT FROM pg_depend o WHERE o.classid = d.classid AND o.objid = d.objid AND o.deptype IN ('e', 'i')) LIMIT 3)
  WHEN f.kind <> 'AVAILABLE EXTENSION' AND f.kind <> 'SUBSCRIPTION' THEN ARRAY(
    SELECT pg_describe_object(d.classid, d.objid, d.objsubid)
    FROM pg_depend d WHERE d.refclassid = f.class AND d.refobjid IN (f.oid, (SELECT t.typarray FROM pg_type t
      WHERE f.kind = 'TYPE' AND t.oid = f.oid)) AND d.deptype = 'n'
      AND NOT (d.classid = 'pg_proc'::regclass AND EXISTS (SELECT FROM pg_depend i WHERE i.classid = d.classid
        AND i.objid = d.objid AND i.deptype = 'i')) LIMIT 3)
  END AS dependents
FROM found f
WHERE f.kind NOT IN ('ROLE') OR f.name !~ '^pg_' OR {by_name("f.name")}
"""


def assemble_objects(rows: Iterable[Row]) -> tuple[CatalogObject, ...]:
    return tuple(
        CatalogObject(
            row["kind"],
            Name(row["name"], row["schema"]),
            row["of"],
            tuple(one for one in row["dependents"] or () if one),
            row["extension"],
        )
        for row in rows
    )
