"""The rule about CASCADE at a DROP."""

from bot.core.judging.rule import Breaks, Hazard, Hazards, Moment, rule
from bot.core.language import named
from bot.core.language import operations as op
from bot.core.language.messages import Message, capital, listing, paragraphs, plural, say
from bot.core.language.names import Name
from bot.core.rewrites import safe

_Drop = (
    op.DropColumn
    | op.DropConstraint
    | op.DropExtension
    | op.DropFunction
    | op.DropSchema
    | op.DropSequence
    | op.DropTable
    | op.DropType
    | op.DropView
    | op.OwnedBy
)


@rule(rank=17)
def drop_cascade(drop: _Drop, moment: Moment) -> Hazards:
    """CASCADE drops whatever depends on the object, without naming it.

    Views, foreign keys, columns of a dropped type or domain: all are dropped with it, and code that uses them breaks.

    ```sql flagged
    -- given: CREATE TABLE users (id bigint PRIMARY KEY, email text);
    -- given: CREATE VIEW mails AS SELECT email FROM users;
    DROP TABLE users CASCADE;
    ```

    Drop what depends on it by name, so that reviewers see it.

    ```sql rewritten
    -- 1. Deploy: Release code that uses users and mails no more.
    -- 2. A migration:
    SET LOCAL lock_timeout = '1s';
    DROP VIEW mails;
    -- 3. A migration:
    SET LOCAL lock_timeout = '1s';
    DROP TABLE users;
    ```

    ```sql allowed
    CREATE TABLE staging (id bigint);
    DROP TABLE staging CASCADE;
    ```
    """
    if not drop.cascade and not (isinstance(drop, op.OwnedBy) and drop.action == "DROP"):
        return
    gone = _dragged(drop, moment)
    known = moment.session.snapshot and isinstance(drop, op.DropTable | op.DropColumn | op.DropConstraint | op.DropView)
    if known and not gone:
        return
    if isinstance(drop, op.DropTable) and all(moment.is_new(name) for name in drop.tables):
        return
    others = listing(gone, most=None if len(gone) <= 3 else 2)
    yield Hazard(
        harms=(Breaks(None, proven=False),),
        title=say("CASCADE drops {} as well", others) if gone else say("CASCADE drops whatever depends on it"),
        message=paragraphs(
            say(
                "{} {} on what is dropped, and {} dropped with it.",
                capital(others),
                plural(gone, "depends", "depend"),
                plural(gone, "is", "are"),
            )
            if gone
            else say("migsafe cannot tell what depends on it and is dropped with it."),
            say("Code that uses it breaks. Name it in the migration, so that reviewers see it."),
        ),
        rewrite=safe(moment),
        assumptions=(say("running code may use what is dropped"),),
    )


def _dragged(drop: _Drop, moment: Moment) -> tuple[Message, ...]:
    """Views, tables and foreign keys of others that are dropped with it; not what belongs to it."""
    catalog = moment.session.catalog
    asked = _asked(drop, moment)
    gone = [
        name
        for name in moment.effects.drops
        if not moment.is_new(name) and name not in asked and name not in catalog.indexes and not _is_own(name, moment)
    ]
    dropped = {*asked, *gone}
    keys = [
        say("{}", named.in_full(named.foreign_key(constraint.name, relation.name)))
        for relation in catalog.relations.values()
        if relation.name not in dropped and not moment.is_new(relation.name)
        for constraint in relation.constraints
        if isinstance(constraint.definition, op.ForeignKey)
        and moment.session.resolve(constraint.definition.references) in dropped
        and constraint.name
    ]
    return (*(say("{}", name) for name in gone), *keys)


def _is_own(name: Name, moment: Moment) -> bool:
    """A sequence that belongs to a column is dropped with it in any case."""
    relation = moment.session.catalog.relations.get(name)
    return relation is not None and relation.owned_by is not None


def _asked(drop: _Drop, moment: Moment) -> set[Name]:
    match drop:
        case op.DropTable(tables=names_):
            return {moment.session.resolve(name) for name in names_}
        case op.DropView(views=names_):
            return {moment.session.resolve(name) for name in names_}
        case op.DropSequence(sequences=names_):
            return {moment.session.resolve(name) for name in names_}
        case _:
            return set()
