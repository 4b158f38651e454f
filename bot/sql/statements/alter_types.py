"""ALTER TYPE and ALTER DOMAIN, and the forms that many kinds of objects share.

Manual: https://www.postgresql.org/docs/current/sql-altertype.html
"""

from bot.core.language import operations as op
from bot.core.language.names import Name
from bot.sql.grammar.columns import attribute
from bot.sql.grammar.constraints import attributes, check_expression
from bot.sql.grammar.expressions import expression
from bot.sql.grammar.options import definition
from bot.sql.grammar.types import data_type
from bot.sql.statements.dispatch import Operations
from bot.sql.text.cursor import Cursor


def common(c: Cursor, kind: str, name: Name) -> op.Operation | None:
    """RENAME TO, OWNER TO, SET SCHEMA and DEPENDS ON EXTENSION, which many kinds share."""
    if c.eat("RENAME", "TO"):
        return op.RenameObject(kind, name, c.name())
    if c.eat("OWNER", "TO"):
        c.role()
        return op.Harmless(f"ALTER {kind} OWNER TO")
    if c.is_at("SET", "SCHEMA"):
        c.at += 2
        c.name()
        return op.Harmless(f"ALTER {kind} SET SCHEMA")
    start = c.at
    c.eat("NO")
    if c.eat("DEPENDS", "ON", "EXTENSION"):
        c.name()
        return op.Harmless(f"ALTER {kind} DEPENDS ON EXTENSION")
    c.at = start
    return None


def alter_type(c: Cursor) -> Operations:
    """The rest of ALTER TYPE."""
    name = c.qualified()
    if c.eat("ADD", "VALUE"):
        return (_add_value(c, name),)
    if c.eat("RENAME", "VALUE"):
        old = c.string()
        c.need("TO")
        return (op.RenameEnumValue(name, old, c.string()),)
    if c.eat("RENAME", "ATTRIBUTE"):
        old = c.name()
        c.need("TO")
        new = c.name()
        c.cascade()
        return (op.RenameColumn(name, old, new, "TYPE"),)
    if c.is_at("SET", "("):
        c.at += 1
        definition(c)
        return (op.Harmless("ALTER TYPE"),)
    shared = common(c, "TYPE", name)
    if shared is not None:
        return (shared,)
    return tuple(c.listed(lambda at: _composite_action(at, name)))


def _add_value(c: Cursor, name: Name) -> op.AddEnumValue:
    if_not_exists = c.if_not_exists()
    value = c.string()
    where = c.eat_any("BEFORE", "AFTER")
    neighbour = c.string() if where else None
    return op.AddEnumValue(
        name,
        value,
        neighbour if where == "BEFORE" else None,
        neighbour if where == "AFTER" else None,
        if_not_exists,
    )


def _composite_action(c: Cursor, name: Name) -> op.AlterComposite:
    action = c.need_any("ADD", "DROP", "ALTER")
    c.need("ATTRIBUTE")
    if action == "ADD":
        found = attribute(c)
        return op.AlterComposite(name, action, found.name, found.type, c.cascade())
    if action == "DROP":
        c.if_exists()
        return op.AlterComposite(name, action, c.name(), None, c.cascade())
    column = c.name()
    c.eat("SET", "DATA")
    c.need("TYPE")
    kind = data_type(c)
    if c.eat("COLLATE"):
        c.qualified()
    return op.AlterComposite(name, action, column, kind, c.cascade())


def alter_domain(c: Cursor) -> Operations:
    """The rest of ALTER DOMAIN."""
    domain = c.qualified()
    shared = common(c, "DOMAIN", domain)
    if shared is not None:
        return (shared,)
    if c.eat("RENAME", "CONSTRAINT"):
        old = c.name()
        c.need("TO")
        return (op.RenameDomainConstraint(domain, old, c.name()),)
    if c.eat("SET", "DEFAULT"):
        return (op.AlterDomain(domain, "SET DEFAULT", default=expression(c)),)
    if c.eat("DROP", "DEFAULT"):
        return (op.AlterDomain(domain, "DROP DEFAULT"),)
    if change := c.eat_any("SET", "DROP"):
        if change == "DROP" and c.eat("CONSTRAINT"):
            missing_ok = c.if_exists()
            name = c.name()
            return (op.AlterDomain(domain, "DROP CONSTRAINT", name, cascade=c.cascade(), missing_ok=missing_ok),)
        c.need("NOT", "NULL")
        return (op.AlterDomain(domain, f"{change} NOT NULL"),)
    if c.eat("VALIDATE", "CONSTRAINT"):
        return (op.AlterDomain(domain, "VALIDATE CONSTRAINT", c.name()),)
    c.need("ADD")
    return (_domain_constraint(c, domain),)


def _domain_constraint(c: Cursor, domain: Name) -> op.AlterDomain:
    name = c.name() if c.eat("CONSTRAINT") else None
    if c.eat("NOT", "NULL"):
        return op.AlterDomain(domain, "ADD NOT NULL", name)
    c.need("CHECK")
    check = check_expression(c, name)
    given = attributes(c)
    if given.deferrable is not None or given.initially_deferred is not None or given.enforced is not None:
        c.fail("the constraint of a domain can be neither deferrable nor NOT ENFORCED")
    return op.AlterDomain(
        domain, "ADD CONSTRAINT", name, op.Check(check.expression, name, given.not_valid, given.no_inherit)
    )
