"""The rule about CASCADE at a DROP."""

from bot.core.names import Name
from bot.core.operations import (
    DropColumn,
    DropConstraint,
    DropExtension,
    DropFunction,
    DropSchema,
    DropSequence,
    DropTable,
    DropType,
    DropView,
    OwnedBy,
)
from bot.core.phrases import names, paragraphs
from bot.core.rule import Breaks, Hazard, Hazards, Moment, rule

_Drop = (
    DropColumn
    | DropConstraint
    | DropExtension
    | DropFunction
    | DropSchema
    | DropSequence
    | DropTable
    | DropType
    | DropView
    | OwnedBy
)


@rule(rank=17)
def drop_cascade(drop: _Drop, moment: Moment) -> Hazards:
    """CASCADE drops whatever depends on the object, without naming it.

    Views, foreign keys, columns of a dropped type or domain: all go along, and code that uses them breaks.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    -- given: CREATE VIEW mails AS SELECT email FROM users;
    DROP TABLE users CASCADE;
    ```

    Drop what depends on it by name, so that the review sees it.

    ```sql allowed
    CREATE TABLE staging (id bigint);
    DROP TABLE staging CASCADE;
    ```
    """
    if not drop.cascade and not (isinstance(drop, OwnedBy) and drop.action == "DROP"):
        return
    gone = tuple(name for name in moment.effects.drops if not moment.is_new(name) and name not in _named(drop, moment))
    known = moment.session.snapshot and isinstance(drop, DropTable | DropColumn | DropConstraint | DropView)
    if known and not gone:
        return
    if isinstance(drop, DropTable) and all(moment.is_new(name) for name in drop.tables):
        return
    yield Hazard(
        harms=(Breaks(None, proven=False),),
        title=f"CASCADE drops {names(gone)} as well" if gone else "CASCADE drops whatever depends on it",
        message=paragraphs(
            f"{names(gone)} {'depends' if len(gone) == 1 else 'depend'} on what is dropped, and "
            f"{'goes' if len(gone) == 1 else 'go'} "
            "along."
            if gone
            else "What depends on it, and goes along, migsafe cannot tell.",
            "Code that uses it breaks. Drop it by name, so that the review sees it.",
        ),
        assumptions=("running code may use what is dropped",),
    )


def _named(drop: _Drop, moment: Moment) -> set[Name]:
    match drop:
        case DropTable(tables=names_):
            return {moment.session.resolve(name) for name in names_}
        case DropView(views=names_):
            return {moment.session.resolve(name) for name in names_}
        case DropSequence(sequences=names_):
            return {moment.session.resolve(name) for name in names_}
        case _:
            return set()
