"""A change of many rows as a script that makes it a batch at a time, each in its own transaction."""

import re
from collections.abc import Sequence

from bot.core.language import operations as op
from bot.sql.writing.parts import dollar_quote, quote_literal
from bot.sql.writing.statements import write_statement
from bot.sql.writing.walks import Walk, walk_of

_HEAD = """\
-- Run by hand, outside a transaction, once the migrations before it are applied:
--
--     psql -X -v ON_ERROR_STOP=1 -f {path}
--
-- It walks through {table} along its primary key, else along a unique index of columns that are NOT NULL{keyless}.
-- Each batch is committed, so no row stays locked for long. The trigger or the new code handles rows written while
-- it runs. Stopped half-way, it may be run again{rerun}.
{more}"""

_BODY = """
DECLARE
    batch constant integer := 5000;            -- rows looked at in one transaction
    pause constant double precision := 0.1;    -- seconds between two batches, for replicas and vacuum
    resume_in text := NULL;                    -- the table, where several are named, and
    resume_after text := NULL;                 -- the key that an earlier run printed last, to go on from there
    part regclass;
    parts regclass[];
    divided boolean;
    walked text;
    key text;
    key_value text;
    within text;
    rows_total bigint := 0;
    rows_batch bigint;
    last_key text;
    next_key text;
{variables}BEGIN
    SELECT relkind = 'p' INTO divided FROM pg_class WHERE oid = {regclass}::regclass AND relkind IN ('r', 'p', 'm');
    IF divided IS NULL THEN
        RAISE EXCEPTION '% is not a table whose rows can be walked through', {regclass};
    END IF;
    WITH RECURSIVE tree AS (
        SELECT {regclass}::regclass::oid AS oid
        UNION SELECT inhrelid FROM pg_inherits JOIN tree ON inhparent = tree.oid WHERE {descends}
    )
    SELECT array_agg(c.oid::regclass ORDER BY c.oid) INTO parts
    FROM tree JOIN pg_class c ON c.oid = tree.oid WHERE c.relkind NOT IN ('p', 'f');
    -- A partitioned table with a key of its own is walked as a whole.
    IF divided AND EXISTS (SELECT FROM pg_index i WHERE i.indrelid = {regclass}::regclass AND {usable}) THEN
        parts := ARRAY[{regclass}::regclass];
    ELSIF divided AND EXISTS (
        SELECT FROM pg_partitioned_table p JOIN pg_attribute a ON a.attrelid = p.partrelid
        WHERE p.partrelid = {regclass}::regclass AND a.attname = ANY ({assigned}) AND a.attnum = ANY (p.partattrs)
    ) THEN
        RAISE EXCEPTION '% has no key to walk along, and the change moves rows between its partitions', {regclass};
    END IF;{check}
    FOREACH part IN ARRAY coalesce(parts, '{}') LOOP
        CONTINUE WHEN resume_in IS NOT NULL AND part <> resume_in::regclass;
        walked := CASE WHEN part = {regclass}::regclass AND cardinality(parts) = 1 THEN {target}
            ELSE format('ONLY %s AS %s', part, {name}) END;
        key := NULL;
        key_value := NULL;
        SELECT string_agg(format('%s.%I', {name}, a.attname), ', ' ORDER BY k.position),
            string_agg(format('quote_literal(%s.%I)', {name}, a.attname), $q$ || ', ' || $q$ ORDER BY k.position)
        INTO key, key_value
        FROM (
            SELECT i.* FROM pg_index i WHERE i.indrelid = part AND {usable}
            ORDER BY NOT i.indisprimary, i.indnkeyatts, i.indexrelid LIMIT 1
        ) i
        CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, position)
        JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
        WHERE k.position <= i.indnkeyatts;
        IF key IS NULL THEN
{keyless}
            CONTINUE;
        END IF;
        last_key := resume_after;
        LOOP
            within := coalesce(' AND (' || key || ') > (' || last_key || ')', '');
            EXECUTE 'SELECT ' || key_value || ' FROM ' || walked || ' WHERE true' || within || ' ORDER BY ' || key
                || ' OFFSET ' || batch - 1 || ' LIMIT 1' INTO next_key;
            within := within || coalesce(' AND (' || key || ') <= (' || next_key || ')', '');
            EXECUTE {before} || walked || {after} || within || {end};
            GET DIAGNOSTICS rows_batch = ROW_COUNT;
            COMMIT;
            rows_total := rows_total + rows_batch;
            RAISE NOTICE '% rows {verb} so far, up to key % of %', rows_total, coalesce(next_key, 'the end'), part;
            EXIT WHEN next_key IS NULL;
            last_key := next_key;
            PERFORM pg_sleep(pause);
        END LOOP;
        resume_in := NULL;
        resume_after := NULL;
    END LOOP;
    RAISE NOTICE 'done: % rows {verb}', rows_total;
END
"""

_USABLE = """\
i.indisunique AND i.indisvalid AND i.indpred IS NULL
                AND i.indexprs IS NULL AND NOT EXISTS (
                SELECT FROM unnest(i.indkey) WITH ORDINALITY AS k(attnum, position)
                JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
                WHERE k.position <= i.indnkeyatts AND (NOT a.attnotnull OR a.attname = ANY ({assigned})
                    OR i.indoption[k.position - 1] <> 0)
            )"""

_REFUSED = """\
            RAISE EXCEPTION '% has no primary key to walk along, nor a unique index of columns that are NOT NULL: %',
                part, {why};"""

_ALONG_PAGES = """\
            -- Page after page, as many times as rows are left: a row that others change meanwhile moves.
            pages := greatest(1, batch / 50);
            FOR pass IN 1 .. 20 LOOP
                rows_pass := 0;
                rows_still := 0;
                last_page := pg_relation_size(part) / current_setting('block_size')::bigint;
                page := 0;
                WHILE page < last_page LOOP
                    IF current_setting('server_version_num')::integer >= 140000 THEN
                        within := format(' AND %s.ctid >= ''(%s,0)''::tid AND %s.ctid < ''(%s,0)''::tid',
                            {name}, page, {name}, page + pages);
                    ELSE
                        -- Before 14 only single row versions are found without reading the table from its beginning.
                        within := format(' AND %s.ctid = ANY (ARRAY(SELECT format($f$(%%s,%%s)$f$, b, n)::tid '
                            'FROM generate_series(%s, %s) AS b, generate_series(1, %s) AS n))',
                            {name}, page, page + pages - 1, current_setting('block_size')::integer / 28);
                    END IF;
                    EXECUTE 'WITH done AS (' || {before} || walked || {after} || {skipped} || within
                        || ' RETURNING ' || {still} || ' AS still) SELECT count(*), count(*) FILTER (WHERE still) '
                        'FROM done' INTO rows_batch, still_batch;
                    IF still_batch > 0 AND NOT {again} THEN
                        RAISE EXCEPTION '% has no key to walk along, and rows that are done still match the WHERE',
                            part USING HINT = 'They would be changed twice. Nothing of this batch is kept.';
                    END IF;
                    COMMIT;
                    rows_pass := rows_pass + rows_batch;
                    rows_still := rows_still + still_batch;
                    rows_total := rows_total + rows_batch;
                    page := page + pages;
                    RAISE NOTICE '% rows {verb} so far, up to page % of % of %', rows_total, least(page, last_page),
                        last_page, part;
                    PERFORM pg_sleep(pause);
                END LOOP;
                EXECUTE {counted} || walked || {joined} || {skipped} INTO rows_left;
                EXIT WHEN rows_left = 0 OR (rows_pass = rows_still AND rows_left <= rows_still);
                IF pass = 20 THEN
                    RAISE WARNING '% rows of % still match: they come faster than they are done', rows_left, part;
                END IF;
            END LOOP;"""
_VARIABLES = """\
    pages bigint;
    page bigint;
    last_page bigint;
    rows_pass bigint;
    rows_still bigint;
    still_batch bigint;
    rows_left bigint;
"""
_ROW_BY_ROW = """
    -- PostgreSQL refuses this lock, and so the whole script, where a row is not made of one row of the table.
    EXECUTE 'EXPLAIN ' || {counted} || {target} || {after} || ' FOR KEY SHARE OF ' || {name};"""
_PLACE = re.compile(r"\{(\w+)\}")


def write_batches(change: op.Update | op.Delete | op.Insert, settings: Sequence[tuple[str, str]], path: str) -> str:
    """The script, for psql, PostgreSQL 12 and later. It looks up the key and stops at the last row.

    A DO block may commit where it is sent alone outside a transaction; it is one statement to
    statement_timeout, which is therefore lifted for this session. Raises Unwritable.
    """
    walk = walk_of(change)
    inserts = isinstance(change, op.Insert)
    # In one pass each: a table may be named `{before}`.
    filling = {
        "regclass": quote_literal(str(walk.table)),
        "descends": "false" if walk.only else "true",
        "usable": _filled(_USABLE, {"assigned": _array(walk.assigned)}),
        "assigned": _array(walk.assigned),
        "target": quote_literal(walk.target),
        "name": quote_literal(walk.name),
        "before": dollar_quote(walk.before, "change"),
        "after": dollar_quote(f"{walk.after} WHERE {walk.where}", "change"),
        "end": quote_literal(walk.end),
        "verb": walk.verb,
        "still": dollar_quote(walk.where if isinstance(change, op.Update) else "false", "change"),
        "skipped": dollar_quote(f" AND {walk.skipped}" if walk.skipped else "", "change"),
        "again": "true" if walk.again else "false",
        "counted": dollar_quote(_counted(walk, inserts=inserts), "change"),
        "joined": dollar_quote(f"{walk.counted[1]} WHERE {walk.where}", "change"),
        "why": quote_literal(_why_not(change)),
    }
    along_pages = not inserts and (isinstance(change, op.Delete) or walk.again or change.where is not None)
    filling |= {
        "keyless": _filled(_ALONG_PAGES if along_pages else _REFUSED, filling),
        "variables": _VARIABLES if along_pages else "",
        "check": _filled(_ROW_BY_ROW, filling) if inserts else "",
    }
    body = _filled(_BODY, filling)
    head = _HEAD.format(
        path=_one_line(path),
        table=_one_line(str(walk.table)),
        keyless=",\n-- else page by page until no row is left" if along_pages else "",
        rerun=_rerun(change),
        more="-- Each batch evaluates the queries in it again.\n" if walk.repeats else "",
    )
    values = dict(settings)
    lifted = [op.SetSetting("statement_timeout", values.pop("statement_timeout", "0"))]
    lifted += [op.SetSetting(name, value) for name, value in values.items()]
    sets = "".join(f"{write_statement([setting])};\n" for setting in lifted)
    return f"{head}{sets}DO {dollar_quote(body, 'batches')};\n"


def _filled(text: str, filling: dict[str, str]) -> str:
    return _PLACE.sub(lambda place: filling[place[1]], text)


def _array(names: Sequence[str]) -> str:
    return f"ARRAY[{', '.join(map(quote_literal, names))}]::name[]"


def _counted(walk: Walk, *, inserts: bool) -> str:
    """What is explained, or how the rows that are left are counted, up to the name of the table."""
    if inserts:
        return walk.counted[0]
    return f"{walk.counted[0]}count(DISTINCT {walk.name}.ctid) FROM "


def _why_not(change: op.Update | op.Delete | op.Insert) -> str:
    if isinstance(change, op.Insert):
        return "a row that moves meanwhile would be copied twice, or not at all"
    return "rows that are done cannot be told from others, and would be changed twice"


def _rerun(change: op.Update | op.Delete | op.Insert) -> str:
    if isinstance(change, op.Insert):
        again = "" if not change.conflict else "; rows that are there already are left to ON CONFLICT"
        return f", from the\n-- key it printed last: put that into resume_after, or rows are inserted twice{again}"
    if isinstance(change, op.Delete) or change.where is not None:
        return ": it starts over and skips the\n-- rows that no longer match"
    return ", from the key it\n-- printed last: put that into resume_after, or rows are changed twice"


def _one_line(text: str) -> str:
    return " ".join(text.split())
