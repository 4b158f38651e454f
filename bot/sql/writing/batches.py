"""An UPDATE or DELETE of many rows as a script that changes them a batch at a time, each in its own transaction."""

import re
from collections.abc import Sequence

from bot.core.language import operations as op
from bot.sql.writing.parts import dollar_quote, quote_literal
from bot.sql.writing.rows import change_rows
from bot.sql.writing.statements import write_statement

_HEAD = """\
-- Run by hand, outside a transaction, once the migrations before it are applied:
--
--     psql -X -v ON_ERROR_STOP=1 -f {path}
--
-- It walks through {table} by primary key and commits each batch, so no row stays locked for long. Every row is
-- visited once; the trigger or the new code handles rows written while it runs. Stopped half-way, it may be
-- run again{rerun}.
"""

_BODY = """
DECLARE
    batch constant integer := 5000;            -- rows looked at in one transaction
    pause constant double precision := 0.1;    -- seconds between two batches, for replicas and vacuum
    resume_after text := NULL;                 -- the key that an earlier run printed last, to go on from there
    key text;
    key_value text;
    rows_total bigint := 0;
    rows_batch bigint;
    last_key text := resume_after;
    next_key text;
    after_last text;
BEGIN
    SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY k.position),
           string_agg(format('quote_literal(%I)', a.attname), $q$ || ', ' || $q$ ORDER BY k.position)
    INTO key, key_value
    FROM pg_index i
    CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, position)
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
    WHERE i.indrelid = {regclass}::regclass AND i.indisprimary AND k.position <= i.indnkeyatts;
    IF key IS NULL THEN
        RAISE EXCEPTION '% has no primary key to walk along', {regclass};
    END IF;
    LOOP
        after_last := coalesce(' AND (' || key || ') > (' || last_key || ')', '');
        EXECUTE 'SELECT ' || key_value || {source} || after_last || ' ORDER BY ' || key
            || ' OFFSET ' || batch - 1 || ' LIMIT 1' INTO next_key;
        EXECUTE {change} || after_last || coalesce(' AND (' || key || ') <= (' || next_key || ')', '');
        GET DIAGNOSTICS rows_batch = ROW_COUNT;
        COMMIT;
        rows_total := rows_total + rows_batch;
        RAISE NOTICE '% rows changed so far, up to key %', rows_total, coalesce(next_key, 'the end');
        EXIT WHEN next_key IS NULL;
        last_key := next_key;
        PERFORM pg_sleep(pause);
    END LOOP;
    RAISE NOTICE 'done: % rows changed', rows_total;
END
"""
_PLACE = re.compile(r"\{(?:regclass|source|change)\}")


def write_batches(change: op.Update | op.Delete, settings: Sequence[tuple[str, str]], path: str) -> str:
    """The script, for psql, PostgreSQL 11 and later. It looks up the primary key and stops at the last row.

    A DO block may commit where it is sent alone outside a transaction; it is one statement to
    statement_timeout, which is therefore lifted for this session. Raises Unwritable.
    """
    table = str(change.table)
    only = "ONLY " if change.only else ""
    filling = {
        "{regclass}": quote_literal(table),
        "{source}": quote_literal(f" FROM {only}{table} WHERE true"),
        "{change}": dollar_quote(change_rows(change, "true"), "change"),
    }
    # In one pass: a table may be named `{change}`.
    body = _PLACE.sub(lambda place: filling[place[0]], _BODY)
    head = _HEAD.format(path=_one_line(path), table=_one_line(table), rerun=_rerun(change))
    values = dict(settings)
    lifted = [op.SetSetting("statement_timeout", values.pop("statement_timeout", "0"))]
    lifted += [op.SetSetting(name, value) for name, value in values.items()]
    sets = "".join(f"{write_statement([setting])};\n" for setting in lifted)
    return f"{head}{sets}DO {dollar_quote(body, 'batches')};\n"


def _rerun(change: op.Update | op.Delete) -> str:
    if isinstance(change, op.Delete) or change.where is not None:
        return ": it starts over and skips the rows that no longer match"
    return ", from the key it printed last: put that into resume_after, or rows are changed twice"


def _one_line(text: str) -> str:
    return " ".join(text.split())
