"""The rule about names that PostgreSQL cuts."""

import re

from bot.core.judging.rule import Hazard, Hazards, Moment, Remark, rule
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import say
from bot.core.language.names import NAMEDATALEN, truncate

_TEXTS = re.compile(
    r"--[^\n]*+|/\*.*?(?:\*/|\Z)|'(?:[^']|'')*+(?:'|\Z)|(?<![\w$])\$(\w*+)\$.*?(?:\$\1\$|\Z)", re.DOTALL
)
_NAMES = re.compile(r'"((?:[^"]|"")+)"|([^\W\d][\w$]*)')


@rule(rank=82)
def identifier_truncated(operation: op.Operation, moment: Moment) -> Hazards:
    """A name longer than 63 bytes is cut without an error.

    The object gets another name than the code expects, and two long names may become one.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    -- transaction: no
    CREATE INDEX CONCURRENTLY index_users_on_the_lower_case_of_the_electronic_mail_address_of_them ON users (email);
    ```

    ```sql allowed
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    -- transaction: no
    CREATE INDEX CONCURRENTLY users_email_idx ON users (email);
    ```
    """
    sql = moment.statement.sql
    if not moment.first or len(sql) < NAMEDATALEN:
        return
    found = (quoted.replace('""', '"') or plain for quoted, plain in _NAMES.findall(_TEXTS.sub(" ", sql)))
    for name in dict.fromkeys(found):
        cut = truncate(name)
        if cut != name:
            yield Hazard(
                harms=(Remark(None),),
                title=say("{} is cut to 63 bytes", named.thing(name)),
                message=say(
                    "PostgreSQL keeps {} and says so only in a notice. Code that uses the long name elsewhere may not "
                    "find it, and two long names may become one.",
                    named.thing(cut),
                ),
            )
            return
