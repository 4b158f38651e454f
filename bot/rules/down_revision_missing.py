"""The rule about a revision that builds on one that is not there."""

from bot.core.judging.clashes import begun, of_pull
from bot.core.judging.rule import Breaks, Hazard, Hazards, Moment, rule
from bot.core.language import operations as op
from bot.core.language.messages import File, Given, paragraphs, say


@rule(rank=3)
def down_revision_missing(operation: op.Operation, moment: Moment) -> Hazards:
    """A revision builds on one that the repository does not have.

    ```python flagged
    # file: 5d2a_orders_note.py
    revision = "5d2a"
    down_revision = "4c1e"


    def upgrade():
        op.execute("ALTER TABLE orders ADD COLUMN note text")


    # base: 4c1f_orders.py
    revision = "4c1f"
    down_revision = None


    def upgrade(): ...
    ```

    Alembic cannot locate it, and applies nothing.

    ```python allowed
    # file: 5d2a_orders_note.py
    revision = "5d2a"
    down_revision = "4c1f"


    def upgrade(): ...


    # base: 4c1f_orders.py
    revision = "4c1f"
    down_revision = None


    def upgrade(): ...
    ```
    """
    beside = moment.evidence.beside
    if not beside.whole:
        return
    for unit in begun(moment):
        known = {one.unit.key for one in (*beside.base, *beside.given)}
        for key in unit.after:
            if key in known or any(key in path.rpartition("/")[2] for path in beside.base_files):
                continue
            bringing = next(
                ((one, found) for one in beside.others for found in one.units if found.unit.key == key), None
            )
            stops = say(
                "Without it Alembic stops before anything is applied: it cannot locate revision {}.", Given(key)
            )
            if bringing is not None:
                other, found = bringing
                yield Hazard(
                    (Breaks(None, proven=False),),
                    say("Revision {} is only in {}", Given(key), of_pull(other)),
                    paragraphs(say("This one builds on {}: merge that first.", File(found.path)), stops),
                )
            else:
                yield Hazard(
                    (Breaks(None, proven=True),),
                    say("There is no revision {} to build on", Given(key)),
                    paragraphs(say("Neither the base branch nor this change has it."), stops),
                )
