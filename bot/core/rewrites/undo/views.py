"""A view with its rights, as the catalog shows it: what a stand-in gets, and what brings a dropped view back."""

from collections.abc import Iterator

from bot.core.language import operations as op
from bot.core.language.names import Name, quote
from bot.core.schema.catalog import CatalogGrant, Relation, RelationKind

_PASSED_ON = ("SELECT", "INSERT", "UPDATE", "DELETE")


def view_again(name: Name, relation: Relation | None) -> tuple[op.Operation, ...]:
    """What creates the view again under `name`; nothing where its query is not known."""
    if relation is None or relation.kind is not RelationKind.VIEW or not relation.definition:
        return ()
    options = dict(relation.options)
    check = options.pop("check_option", None)
    view = op.CreateView(
        name,
        op.Query(relation.definition.rstrip().rstrip(";"), tuple(used for used, _ in relation.depends_on)),
        options=tuple(options.items()),
        check_option=check.upper() if check else None,
    )
    return (view, *rights_of(relation, name))


def rights_of(relation: Relation, view: Name, renamed: tuple[str, str] | None = None) -> Iterator[op.Operation]:
    """Owner, privileges and comment of the relation, for a view; `renamed` is a column that it has under two names."""
    if relation.owner is not None:
        yield op.SetOwner(view, relation.owner, "VIEW")
    for grant in relation.grants or ():
        yield from _again(grant, view, renamed)
    if relation.comment is not None:
        yield op.CommentOn("VIEW", str(view), view, relation.comment)


def _again(grant: CatalogGrant, view: Name, renamed: tuple[str, str] | None) -> Iterator[op.Grant]:
    privileges = [one for one in _PASSED_ON if one in grant.privileges]
    if not privileges:
        return
    columns = ""
    if grant.column is not None:
        both = renamed if renamed is not None and grant.column == renamed[0] else (grant.column,)
        columns = f" ({', '.join(map(quote, both))})"
    what = ", ".join(f"{one}{columns}" for one in privileges)
    role = "PUBLIC" if grant.role.upper() == "PUBLIC" else quote(grant.role)
    ending = " WITH GRANT OPTION" if grant.grantable else ""
    yield op.Grant(
        revoke=False,
        relations=(view,),
        columns=bool(columns),
        definition=f"GRANT {what} ON {view} TO {role}{ending}",
    )
