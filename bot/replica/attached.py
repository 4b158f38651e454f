"""The catalog query for what is attached to relations, and the parts that the other catalog queries share."""


def attributes(keys: str, relation: str) -> str:
    return (
        f"ARRAY(SELECT a.attname::text FROM unnest({keys}) WITH ORDINALITY AS k(number, place)"
        f" JOIN pg_attribute a ON a.attrelid = {relation} AND a.attnum = k.number ORDER BY k.place)"
    )


def comment(catalog: str, oid: str) -> str:
    return (
        f"(SELECT x.description FROM pg_description x WHERE x.classoid = '{catalog}'::regclass"
        f" AND x.objoid = {oid} AND x.objsubid = 0)"
    )


def _columns_used(catalog: str, oid: str, relation: str) -> str:
    """The columns of the relation that the object depends on."""
    return (
        "ARRAY(SELECT DISTINCT a.attname::text FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.refobjid"
        f" AND a.attnum = d.refobjsubid WHERE d.classid = '{catalog}'::regclass AND d.objid = {oid}"
        f" AND d.refclassid = 'pg_class'::regclass AND d.refobjid = {relation} AND d.refobjsubid > 0 ORDER BY 1)"
    )


def attachments(major: int) -> str:
    """Triggers, policies, rules, statistics, publications, grants, what views use, owners of sequences, inheritance.

    A policy's expressions are deparsed only where no table of its subqueries is locked: that would wait.
    """
    listed = (
        f"UNION ALL SELECT r.prrelid, 'published columns', p.pubname, json_build_object('columns',"
        f" CASE WHEN r.prattrs IS NULL THEN ARRAY[]::text[] ELSE {attributes('r.prattrs', 'r.prrelid')} END"
        f" || {_columns_used('pg_publication_rel', 'r.oid', 'r.prrelid')})"
        " FROM wanted w JOIN pg_publication_rel r ON r.prrelid = w.oid JOIN pg_publication p ON p.oid = r.prpubid"
        if major >= 15
        else ""
    )
    schemas = (
        "UNION ALL SELECT c.oid, p.pubname FROM pg_publication_namespace ps JOIN pg_publication p ON p.oid = ps.pnpubid"
        " JOIN pg_class c ON c.relnamespace = ps.pnnspid AND c.relkind IN ('r', 'p')"
        if major >= 15
        else ""
    )
    free = "{0} <> ALL(%(locked)s::oid[])"
    return f"""
WITH wanted AS (SELECT unnest(%(oids)s::oid[]) AS oid)
SELECT u.relation::bigint AS relation, u.kind, u.name, u.data FROM (
SELECT t.tgrelid AS relation, 'trigger' AS kind, t.tgname::text AS name, json_build_object(
    'columns', {_columns_used("pg_trigger", "t.oid", "t.tgrelid")}, 'enabled', t.tgenabled, 'type', t.tgtype,
    'function', p.proname, 'schema', n.nspname, 'comment', {comment("pg_trigger", "t.oid")},
    'definition', CASE WHEN {free.format("t.tgrelid")} THEN pg_get_triggerdef(t.oid) END) AS data
  FROM wanted w JOIN pg_trigger t ON t.tgrelid = w.oid JOIN pg_proc p ON p.oid = t.tgfoid
  JOIN pg_namespace n ON n.oid = p.pronamespace WHERE NOT t.tgisinternal
UNION ALL
SELECT p.polrelid, 'policy', p.polname, json_build_object(
    'columns', {_columns_used("pg_policy", "p.oid", "p.polrelid")},
    'using', CASE WHEN f.free THEN pg_get_expr(p.polqual, p.polrelid) END,
    'check', CASE WHEN f.free THEN pg_get_expr(p.polwithcheck, p.polrelid) END,
    'command', p.polcmd, 'permissive', p.polpermissive, 'comment', {comment("pg_policy", "p.oid")},
    'roles', ARRAY(SELECT pg_get_userbyid(r)::text FROM unnest(p.polroles) AS r WHERE r <> 0),
    'relations', (SELECT json_agg(DISTINCT jsonb_build_object('schema', n.nspname, 'name', c.relname))
      FROM pg_depend d JOIN pg_class c ON c.oid = d.refobjid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE d.classid = 'pg_policy'::regclass AND d.objid = p.oid AND d.refclassid = 'pg_class'::regclass
        AND d.refobjid <> p.polrelid))
  FROM wanted w JOIN pg_policy p ON p.polrelid = w.oid CROSS JOIN LATERAL (SELECT NOT EXISTS (
    SELECT FROM pg_depend d WHERE d.classid = 'pg_policy'::regclass AND d.objid = p.oid
      AND d.refclassid = 'pg_class'::regclass AND NOT ({free.format("d.refobjid")})) AS free) f
UNION ALL
SELECT r.ev_class, 'rule', r.rulename, NULL
  FROM wanted w JOIN pg_rewrite r ON r.ev_class = w.oid WHERE r.rulename <> '_RETURN'
UNION ALL
SELECT s.stxrelid, 'statistics', s.stxname, json_build_object('schema', n.nspname,
    'columns', {_columns_used("pg_statistic_ext", "s.oid", "s.stxrelid")},
    'definition', CASE WHEN {free.format("s.stxrelid")} THEN pg_get_statisticsobjdef(s.oid) END)
  FROM wanted w JOIN pg_statistic_ext s ON s.stxrelid = w.oid JOIN pg_namespace n ON n.oid = s.stxnamespace
UNION ALL
SELECT u.oid, 'publication', u.pubname, NULL FROM wanted w JOIN (
    SELECT r.prrelid, p.pubname FROM pg_publication_rel r JOIN pg_publication p ON p.oid = r.prpubid
    UNION ALL
    SELECT c.oid, p.pubname FROM pg_publication p JOIN pg_class c ON c.relkind IN ('r', 'p') WHERE p.puballtables
    {schemas}) u(oid, pubname) ON u.oid = w.oid
{listed}
UNION ALL
SELECT c.oid, 'grant', CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(g.grantee) END, json_build_object(
    'privilege', g.privilege_type, 'grantable', g.is_grantable, 'column', g.attname)
  FROM wanted w JOIN pg_class c ON c.oid = w.oid CROSS JOIN LATERAL (
    SELECT e.grantee, e.privilege_type, e.is_grantable, NULL::name AS attname FROM aclexplode(c.relacl) e
    UNION ALL
    SELECT e.grantee, e.privilege_type, e.is_grantable, a.attname
    FROM pg_attribute a CROSS JOIN LATERAL aclexplode(a.attacl) e
    WHERE a.attrelid = c.oid AND a.attacl IS NOT NULL AND NOT a.attisdropped) g
  WHERE g.grantee <> c.relowner
UNION ALL
SELECT r.ev_class, 'uses', c.relname, json_build_object('schema', n.nspname, 'column', a.attname)
  FROM wanted w JOIN pg_rewrite r ON r.ev_class = w.oid
  JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid AND d.refclassid = 'pg_class'::regclass
    AND d.refobjid <> r.ev_class
  JOIN pg_class c ON c.oid = d.refobjid JOIN pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid AND d.refobjsubid <> 0
UNION ALL
SELECT d.objid, 'owner', c.relname, json_build_object('schema', n.nspname, 'column', a.attname)
  FROM wanted w JOIN pg_class s ON s.oid = w.oid AND s.relkind = 'S'
  JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.refclassid = 'pg_class'::regclass
    AND d.deptype IN ('a', 'i')
  JOIN pg_class c ON c.oid = d.refobjid JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
UNION ALL
SELECT i.inhrelid, 'parent', c.relname, json_build_object('schema', n.nspname)
  FROM wanted w JOIN pg_inherits i ON i.inhrelid = w.oid
  JOIN pg_class c ON c.oid = i.inhparent JOIN pg_namespace n ON n.oid = c.relnamespace
) u ORDER BY 1, 2, 3
"""
