"""The rule about two revisions that build on the same one."""

from collections.abc import Iterator, Mapping, Sequence

from bot.core.judging.beside import Standing, units_by_parent
from bot.core.judging.clashes import begun, noted, of_pull, owner, pull
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
    for unit in begun(moment):
        if unit.after and not unit.apart:
            yield from _rivals(unit, moment)


def _rivals(unit: Unit, moment: Moment) -> Hazards:
    beside = moment.evidence.beside
    siblings = [one for key in unit.after for one in beside.children.get((unit.scope, key), ())]
    rival = next((one for one in _before(siblings, moment) if _is_rival(unit, one, beside.children)), None)
    if rival is not None:
        whose = say(" on the base branch") if rival.path in beside.base_files else owner(rival.path, moment)
        yield Hazard((Breaks(None, proven=True),), _title(unit, rival, whose), _message(unit, rival))
        return
    for other in beside.others:
        family = units_by_parent(other.units)
        siblings = [one for key in unit.after for one in family.get((unit.scope, key), ())]
        joined = {key: (*beside.children.get(key, ()), *units) for key, units in family.items()}
        rival = next((one for one in siblings if _is_rival(unit, one, {**beside.children, **joined})), None)
        if rival is None:
            continue
        whose = say(" in {}", of_pull(other))
        if beside.comes_first(other):
            yield Hazard((Breaks(None, proven=True),), _title(unit, rival, whose), _message(unit, rival))
        else:
            reported = say("{} was opened later, so it is reported there.", pull(other.number))
            yield Hazard((noted(),), _title(unit, rival, whose), reported)
        return


def _before(siblings: Sequence[Standing], moment: Moment) -> Iterator[Standing]:
    """Those that come before this file, in the order in which the base branch and the given files are known."""
    for one in siblings:
        if one.path == moment.migration.path:
            return
        yield one


def _title(unit: Unit, rival: Standing, whose: Message) -> Message:
    shared = next(key for key in unit.after if key in rival.unit.after)
    return say("{}{} also builds on revision {}", File(rival.path), whose, Given(shared))


def _message(unit: Unit, rival: Standing) -> Message:
    return paragraphs(
        say("With both there are two heads, {} and {}.", Given(rival.unit.key), Given(unit.key)),
        say("`alembic upgrade head` then stops before anything is applied: multiple head revisions are present."),
        say("Set `down_revision` to {}, or join the two with `alembic merge heads`.", Given(rival.unit.key)),
    )


_Children = Mapping[tuple[str, str], Sequence[Standing]]


def _is_rival(unit: Unit, other: Standing, children: _Children) -> bool:
    """Whether it is another, begins no branch on purpose, and no revision joins the two again."""
    if other.unit.key == unit.key or other.unit.apart:
        return False
    return set(_above(unit, children)).isdisjoint(_above(other.unit, children))


def _above(unit: Unit, children: _Children) -> Iterator[str]:
    """The revision itself, and all that build on it."""
    waiting, seen = [unit.key], set[str]()
    while waiting:
        found = waiting.pop()
        if found not in seen:
            seen.add(found)
            yield found
            waiting += (one.unit.key for one in children.get((unit.scope, found), ()))
