"""The rule about two revisions that build on the same one."""

from collections.abc import Iterator, Sequence

from bot.core.judging.beside import Brought, Standing
from bot.core.judging.clashes import begun, noted, of_pull, owner
from bot.core.judging.history import Unit
from bot.core.judging.rule import Breaks, Hazard, Hazards, Moment, rule
from bot.core.language import operations as op
from bot.core.language.messages import File, Given, Message, paragraphs, say


@rule(rank=3)
def second_head(operation: op.Operation, moment: Moment) -> Hazards:
    """Two revisions build on the same one, so that there are two heads.

    `alembic upgrade head` then refuses: multiple head revisions are present. It happens when two branches each add a
    revision, and both are merged: nothing conflicts in Git.

    ```python flagged
    # file: 5d2a_orders_note.py
    revision = "5d2a"
    down_revision = "4c1f"


    def upgrade():
        op.execute("ALTER TABLE orders ADD COLUMN note text")


    # base: 4c1f_orders.py
    revision = "4c1f"
    down_revision = None


    def upgrade(): ...


    # base: 6e3b_users_note.py
    revision = "6e3b"
    down_revision = "4c1f"


    def upgrade(): ...
    ```

    Let one of them build on the other: set its `down_revision`. If both have run somewhere, `alembic merge heads`
    makes a revision that joins them.

    ```python allowed
    # file: 5d2a_orders_note.py
    revision = "5d2a"
    down_revision = "6e3b"


    def upgrade(): ...


    # base: 4c1f_orders.py
    revision = "4c1f"
    down_revision = None


    def upgrade(): ...


    # base: 6e3b_users_note.py
    revision = "6e3b"
    down_revision = "4c1f"


    def upgrade(): ...
    ```
    """
    beside = moment.evidence.beside
    for unit in begun(moment):
        if not unit.after or unit.apart:
            continue
        own = [*beside.base, *beside.given]
        here = next((index for index, one in enumerate(beside.given) if one.path == moment.migration.path), None)
        before = [*beside.base, *beside.given[:here]]
        rival = _rival(unit, before, own)
        if rival is not None:
            in_base = rival in beside.base
            whose = say(" on the base branch") if in_base else owner(rival.path, moment)
            yield Hazard((Breaks(None, proven=True),), _title(unit, rival, whose), _message(unit, rival, whose))
            continue
        if (first := _in_others(unit, list(beside.earlier()), own)) is not None:
            other, rival = first
            whose = say(" in {}", of_pull(other))
            yield Hazard((Breaks(None, proven=True),), _title(unit, rival, whose), _message(unit, rival, whose))
        elif (later := _in_others(unit, list(beside.later()), own)) is not None:
            other, rival = later
            whose = say(" in {}", of_pull(other))
            reported = say("{} was opened later, so it is reported there.", File(rival.path))
            yield Hazard((noted(),), _title(unit, rival, whose), reported)


def _title(unit: Unit, rival: Standing, whose: Message) -> Message:
    return say("{}{} also builds on revision {}", File(rival.path), whose, Given(_shared(unit, rival)))


def _message(unit: Unit, rival: Standing, whose: Message) -> Message:
    return paragraphs(
        say("With both there are two heads, {} and {}.", Given(rival.unit.key), Given(unit.key)),
        say("`alembic upgrade head` then stops before anything is applied: multiple head revisions are present."),
        say("Set `down_revision` to {}, or join the two with `alembic merge heads`.", Given(rival.unit.key)),
    )


def _shared(unit: Unit, rival: Standing) -> str:
    return next(key for key in unit.after if key in rival.unit.after)


def _in_others(unit: Unit, others: Sequence[Brought], own: Sequence[Standing]) -> tuple[Brought, Standing] | None:
    for other in others:
        rival = _rival(unit, other.units, [*own, *other.units])
        if rival is not None:
            return other, rival
    return None


def _rival(unit: Unit, among: Sequence[Standing], known: Sequence[Standing]) -> Standing | None:
    """Another that builds on the same one, unless a revision joins the two again."""
    for one in among:
        if one.unit.scope != unit.scope or one.unit.key == unit.key or one.unit.apart:
            continue
        if set(one.unit.after) & set(unit.after) and not _joined(unit.key, one.unit.key, known):
            return one
    return None


def _joined(first: str, second: str, known: Sequence[Standing]) -> bool:
    return not set(_above(first, known)).isdisjoint(_above(second, known))


def _above(key: str, known: Sequence[Standing]) -> Iterator[str]:
    """The revision itself, and all that build on it."""
    children: dict[str, list[str]] = {}
    for one in known:
        for below in one.unit.after:
            children.setdefault(below, []).append(one.unit.key)
    waiting, seen = [key], set[str]()
    while waiting:
        found = waiting.pop()
        if found not in seen:
            seen.add(found)
            yield found
            waiting += children.get(found, ())
