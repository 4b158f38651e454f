"""SQLAlchemy's own statements (`table.update().where(...)`, `query(Model).delete()`) as row operations."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.core.language import operations as op
from bot.core.language.expression import Expression
from bot.core.language.names import Name, quote, truncate
from bot.frameworks.alembic.expressions import condition_of, value_of
from bot.frameworks.python.values import Attribute, Call, Function
from bot.frameworks.statements.sending import Operations
from bot.frameworks.static.values import RUN_TIME, NotStatic, Unknown, Value

_CONDITIONS = ("where", "filter", "filter_by")
_KEEPS_TABLE = ("alias", "aliased", "tablesample", "join", "outerjoin")


@dataclass(frozen=True, slots=True)
class Tables:
    """The tables that a file names: mapped classes by their names, and tables created by a library's calls."""

    models: Mapping[str, Name] = field(default_factory=dict)

    def named(self, value: Value) -> Name | None:
        """The table of a value: `sa.table(...)`, a mapped class, what create_table returned."""
        match value:
            case Call(name="alembic.op.create_table" | "alembic.op.create_table_if_not_exists"):
                return self._made(value)
            case Call(short="table" | "Table" | "TableClause"):
                return self._made(value)
            case Call(short=short, args=args, on=on) if short in _KEEPS_TABLE:
                return self.named(on if on is not None else args[0] if args else None)
            case Attribute(of=of) if value.short == "__table__":
                return self.named(of)
            case Attribute(name=name, of=Attribute() | Call() as of) if of.short in ("tables", "classes"):
                return Name(truncate(name)) if "." not in name else Name(name.partition(".")[2], name.partition(".")[0])
            case Attribute(name=name, of=None) if name.startswith("tables."):
                return Name(truncate(name.removeprefix("tables.")))
            case Attribute(name=name, of=Call(short="automap_base" | "prepare")):
                return Name(truncate(name))
            case Function():
                return self.models.get(value.node.name)
            case _:
                return None

    def _made(self, value: Call) -> Name | None:
        name = value.args[0] if value.args else value.kwargs.get("name", value.kwargs.get("table_name"))
        schema = value.kwargs.get("schema")
        if isinstance(name, Call) and name.args:
            name = name.args[0]
        if not isinstance(name, str) or RUN_TIME in name or isinstance(schema, Unknown) or RUN_TIME in (schema or ""):
            return None
        return Name(truncate(name), schema if isinstance(schema, str) else None)

    def mentioned(self, value: Value) -> tuple[Name, ...]:
        """Every table that a statement's parts mention, in order of appearance."""
        found: dict[Name, None] = {}
        pending: list[tuple[Value, int]] = [(value, 0)]
        while pending and len(found) < 100:
            current, depth = pending.pop()
            table = self.named(current)
            if table is not None:
                found[table] = None
                continue
            if depth > 60:
                continue
            match current:
                case Call():
                    pending += [(one, depth + 1) for one in (*reversed(current.args), current.on)]
                case Attribute(of=of) if of is not None:
                    pending.append((of, depth + 1))
                case list() | tuple():
                    pending += [(one, depth + 1) for one in reversed(current)]
                case _:
                    pass
        return tuple(found)


def core_statement(value: Call, tables: Tables, rows: Value = None) -> Sequence[Operations] | None:
    """The statement that a chain of calls builds, None where it builds none. `rows`: the rows it is executed with."""
    chain = _chain(value, tables)
    verb = chain[-1]
    verb_on = next((link for link in chain if link.short in ("update", "delete") and is_query(link.on)), None)
    if verb_on is not None:
        return query_statement(verb_on, tables)
    table = tables.named(verb.on if verb.on is not None else Attribute(verb.name.rpartition(".")[0]))
    if table is None and verb.args:
        table = tables.named(verb.args[0])
    if table is None and "table" in verb.kwargs:
        table = tables.named(verb.kwargs["table"])
    match verb.short:
        case "update" if table is not None:
            return [(_update(table, chain, rows),)]
        case "delete" if table is not None:
            return [(op.Delete(table, where=_where(chain)),)]
        case "insert" if table is not None:
            return [(op.Insert(table, columns=_assigned(chain, rows), rows=_rows(chain, rows)),)]
        case "select" | "exists" | "union" | "union_all" | "query":
            return [(_select(value, chain, tables),)]
        case _:
            return None


def query_statement(verb: Call, tables: Tables) -> Sequence[Operations] | None:
    """`session.query(Model).filter(...).update(...)`, None where its table is not known."""
    mentioned = tables.mentioned(verb.on)
    if not mentioned:
        return None
    chain = _chain(verb, tables)
    where = _where(chain)
    if verb.short == "delete":
        return [(op.Delete(mentioned[0], where=where),)]
    values = Call("values", verb.args[:1], {} if verb.args else {"values": verb.kwargs.get("values")})
    return [(_update(mentioned[0], [values, *chain], None),)]


def _chain(value: Call, tables: Tables) -> list[Call]:
    """The calls from the last to the one that begins the statement."""
    links = [value]
    while isinstance(links[-1].on, Call) and tables.named(links[-1].on) is None:
        links.append(links[-1].on)
    return links


def is_query(value: Value) -> bool:
    while isinstance(value, Call):
        if value.short == "query":
            return True
        value = value.on
    return isinstance(value, Attribute) and value.short == "query"


def _where(chain: Sequence[Call]) -> Expression | None:
    conditions: list[Value] = []
    for link in reversed(chain):
        if link.short in _CONDITIONS:
            conditions += link.args
            equal = {key: item for key, item in link.kwargs.items() if key != "whereclause"}
            conditions += [Call("operator.==", (Call("column", (key,)), item)) for key, item in equal.items()]
        whereclause = link.kwargs.get("whereclause")
        conditions += [whereclause] if whereclause is not None else []
        if link.short in ("update", "delete", "select") and len(link.args) > 1 and not is_query(link):
            first = link.args[-1]
            conditions += [first] if isinstance(first, Call) and first.name.startswith("operator.") else []
    return condition_of(conditions)


def _pairs(chain: Sequence[Call], rows: Value) -> list[tuple[str, Value]]:
    pairs: list[tuple[str, Value]] = []
    for link in chain:
        if link.short not in ("values", "ordered_values", "insert", "update"):
            continue
        pairs += [(name, value) for name, value in link.kwargs.items() if link.short == "values" and name != "**"]
        if isinstance(link.kwargs.get("values"), dict):
            pairs = [(str(key), value) for key, value in link.kwargs["values"].items()]
        for item in link.args:
            first = item[0] if isinstance(item, list | tuple) and item else item
            if isinstance(first, dict):
                pairs += [(str(key), value) for key, value in first.items()]
    first_row = rows[0] if isinstance(rows, list | tuple) and rows else rows
    if not pairs and isinstance(first_row, dict):
        pairs = [(str(key), Unknown("a row")) for key in first_row]
    return pairs


def _assigned(chain: Sequence[Call], rows: Value) -> tuple[str, ...]:
    return tuple(dict.fromkeys(truncate(name) for name, _ in _pairs(chain, rows) if RUN_TIME not in name))


def _update(table: Name, chain: Sequence[Call], rows: Value) -> op.Update:
    pairs = dict(_pairs(chain, rows))
    return op.Update(table, columns=_assigned(chain, rows), where=_where(chain), assignments=_assignments(pairs))


def _assignments(pairs: Mapping[str, Value]) -> str:
    """The text after SET; "" where a part of it is known only at run time."""
    try:
        return ", ".join(f"{quote(name)} = {value_of(value)}" for name, value in pairs.items())
    except NotStatic:
        return ""


def _rows(chain: Sequence[Call], rows: Value) -> int | None:
    if any(link.short == "from_select" for link in chain):
        return None
    for link in chain:
        if link.short == "values":
            given = link.args[0] if link.args else None
            if isinstance(given, Unknown | Call | Attribute):
                return None
            return len(given) if isinstance(given, list | tuple) else 1
    return len(rows) if isinstance(rows, list | tuple) else None if isinstance(rows, Unknown) else 1


def _select(value: Call, chain: Sequence[Call], tables: Tables) -> op.Select:
    mentioned = tables.mentioned(value)
    return op.Select(op.Query("", mentioned, where=_where(chain), understood=bool(mentioned)))
