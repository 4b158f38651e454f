"""What is known just before an operation: the catalog then, and what the plan itself has created so far."""

from collections.abc import Iterable, Mapping
from dataclasses import field

from bot.core.effects import effects
from bot.core.language import operations as op
from bot.core.language.facts import Effects
from bot.core.language.messages import NOTHING, Message
from bot.core.language.migrations import Lines, Statement
from bot.core.language.names import Name, quote
from bot.core.language.types import Type
from bot.core.record import record, replace
from bot.core.schema.catalog import CatalogColumn, CatalogConstraint, CatalogIndex, Relation
from bot.core.schema.session import Session, Setting

Definition = op.CreateFunction | op.CreateTrigger | op.CreateView


@record
class Inverse:
    """What undoes an operation: none where there is nothing to undo, None where nothing that is known does.

    `lost` says what the operations do not bring back, or why there are none; a clause: "the values of `t.c`".
    """

    operations: tuple[op.Operation, ...] | None
    lost: Message = NOTHING


NOTHING_TO_UNDO = Inverse(())


@record
class Prior:
    """`start` is the session before the plan; `given` what its steps have created: the catalog keeps no definitions."""

    session: Session
    start: Session
    given: Mapping[tuple[type, str], Definition] = field(default_factory=dict)
    belongs: Mapping[Name, tuple[op.Operation, ...]] = field(default_factory=dict)
    """What the plan has given to the views that it has created: owner, privileges, comment."""
    copies: Mapping[tuple[Name, str], str] = field(default_factory=dict)
    """Columns whose values another column of the table has, too: a script of the plan has copied them."""

    @staticmethod
    def of(session: Session) -> "Prior":
        return Prior(session, session)

    def after(self, operation: op.Operation) -> "Prior":
        """The same when the operation has succeeded, committed by itself."""
        statement = Statement("", Lines(1, 1), (operation,), "", 0, 0, "")
        given, copies, belongs = self.given, self.copies, self.belongs
        match operation:
            case op.CreateFunction() | op.CreateTrigger() | op.CreateView():
                given = {**given, _key(operation): operation}
            case op.SetOwner() | op.Grant() | op.CommentOn() if (view := self.new_view(operation)) is not None:
                belongs = {**belongs, view: (*belongs.get(view, ()), operation)}
            case op.Update(table=table, columns=(column,)) if (source := _copied(operation)) is not None:
                copies = {**copies, (table, source): column, (table, column): source}
            case op.RenameColumn(table=table, column=column, to=to):
                copies = {
                    (of, to if (of, one) == (table, column) else one): to if (of, other) == (table, column) else other
                    for (of, one), other in copies.items()
                }
            case _:
                pass
        return replace(
            self, session=self.session.after(statement, Effects(), 0), given=given, copies=copies, belongs=belongs
        )

    def under(self, settings: Iterable[tuple[str, str]]) -> "Prior":
        """The same where a step makes these settings."""
        made = {name: Setting(value, "the step") for name, value in settings}
        return replace(self, session=replace(self.session, settings={**self.session.settings, **made}))

    def definition(self, kind: type, name: Name, trigger: str = "") -> Definition | None:
        return self.given.get((kind, f"{name} {trigger}"))

    def new_view(self, operation: op.SetOwner | op.Grant | op.CommentOn) -> Name | None:
        """The view that the operation gives something to, where the plan itself has created it."""
        match operation:
            case op.SetOwner(relation=name) | op.Grant(relations=(name,)) | op.CommentOn(kind="VIEW", relation=name):
                return name if name is not None and self.definition(op.CreateView, name) is not None else None
            case _:
                return None

    @property
    def major(self) -> int:
        return min(max(self.session.catalog.major, 12), 18)

    @property
    def is_complete(self) -> bool:
        """Whether what the catalog lacks does not exist."""
        return self.session.snapshot and self.session.catalog.complete

    def relation(self, name: Name) -> Relation | None:
        return self.session.catalog.relations.get(self.session.resolve(name))

    def column(self, table: Name, column: str) -> CatalogColumn | None:
        relation = self.relation(table)
        return relation.column(column) if relation is not None else None

    def constraint(self, table: Name, name: str) -> CatalogConstraint | None:
        relation = self.relation(table)
        return next((one for one in relation.constraints if one.name == name), None) if relation is not None else None

    def index(self, name: Name) -> CatalogIndex | None:
        return self.session.catalog.indexes.get(self.session.resolve(name))

    def lacks(self, name: Name) -> bool:
        """Whether it is known that there is no such relation or index."""
        return self.is_complete and self.relation(name) is None and self.index(name) is None

    def is_small(self, table: Name) -> bool:
        """Whether reading the whole table under a strong lock hurts nobody."""
        size = relation.size if (relation := self.relation(table)) is not None else None
        return size is not None and size.rows is not None and size.rows <= _SMALL_ROWS

    def effects_of(self, *operations: op.Operation) -> Effects:
        return effects(operations, self.session, self.major)

    def spelled(self, name: Name, beside: Name) -> Name:
        """A name of the catalog as the author writes `beside`: without the schema where that is the same."""
        if beside.schema is None and name.schema == self.session.resolve(beside).schema:
            return Name(name.name)
        return name

    def spelled_type(self, type: Type, beside: Name) -> Type:
        if beside.schema is None and type.schema == self.session.resolve(beside).schema:
            return replace(type, schema=None)
        return type


_SMALL_ROWS = 10_000
"""As `Thresholds.small_rows`."""


def _copied(update: op.Update) -> str | None:
    """The column that the statement copies as it is; None where it computes."""
    target, _, value = update.assignments.partition(" = ")
    bare = value[1:-1].replace('""', '"') if value.startswith('"') else value
    is_column = bare != "" and quote(bare) == value
    return bare if is_column and target == quote(update.columns[0]) else None


def _key(operation: Definition) -> tuple[type, str]:
    match operation:
        case op.CreateFunction(function=name) | op.CreateView(view=name):
            return type(operation), f"{name} "
        case op.CreateTrigger(table=table, trigger=trigger):
            return type(operation), f"{table} {trigger}"
