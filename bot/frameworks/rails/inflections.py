"""Words as Active Support inflects them: tables of models and references, models of tables."""

import re


def pluralized(word: str) -> str:
    """The plural by Active Support's common rules, for the table names of models and references."""
    head, _, last = word.rpartition("_")
    lead = f"{head}_" if head else ""
    if last in _UNCOUNTABLE:
        return word
    if last in _IRREGULAR:
        return lead + _IRREGULAR[last]
    for pattern, ending in _PLURALS:
        if re.search(pattern, last):
            return lead + re.sub(pattern, ending, last)
    return lead + last + "s"


def singularized(word: str) -> str:
    """The singular, by the same rules backwards."""
    head, _, last = word.rpartition("_")
    lead = f"{head}_" if head else ""
    backwards = {plural: singular for singular, plural in _IRREGULAR.items()}
    if last in _UNCOUNTABLE:
        return word
    if last in backwards:
        return lead + backwards[last]
    for pattern, ending in _SINGULARS:
        if re.search(pattern, last):
            return lead + re.sub(pattern, ending, last)
    return lead + last


_UNCOUNTABLE = frozenset(
    "equipment information rice money species series fish sheep jeans police news metadata".split()
)
_IRREGULAR = {
    "person": "people",
    "man": "men",
    "child": "children",
    "sex": "sexes",
    "move": "moves",
    "zombie": "zombies",
    "datum": "data",
    "medium": "media",
}
_PLURALS = (
    (r"(quiz)$", r"\1zes"),
    (r"^(ox)$", r"\1en"),
    (r"(matr|vert|ind)(?:ix|ex)$", r"\1ices"),
    (r"(x|ch|ss|sh)$", r"\1es"),
    (r"([^aeiouy]|qu)y$", r"\1ies"),
    (r"(?:([^f])fe|([lr])f)$", r"\1\2ves"),
    (r"sis$", "ses"),
    (r"([ti])um$", r"\1a"),
    (r"(buffal|tomat|her)o$", r"\1oes"),
    (r"(bu|statu|alia|octop|vir)s$", r"\1ses"),
    (r"s$", "s"),
)
_SINGULARS = (
    (r"(quiz)zes$", r"\1"),
    (r"(matr)ices$", r"\1ix"),
    (r"(vert|ind)ices$", r"\1ex"),
    (r"(alias|status|bus|virus)es$", r"\1"),
    (r"(analy|ba|diagno|parenthe|progno|synop|the)ses$", r"\1sis"),
    (r"([^aeiouy]|qu)ies$", r"\1y"),
    (r"(x|ch|ss|sh)es$", r"\1"),
    (r"([lr])ves$", r"\1f"),
    (r"(tomat|her|buffal)oes$", r"\1o"),
    (r"([ti])a$", r"\1um"),
    (r"(ss)$", r"\1"),
    (r"s$", ""),
)


def underscored(name: str) -> str:
    """`Admin::UserRole` as `admin/user_role`."""
    text = name.replace("::", "/")
    text = re.sub(r"(?<=[A-Z\d])([A-Z][a-z])", r"_\1", text)
    return re.sub(r"([a-z\d])([A-Z])", r"\1_\2", text).replace("-", "_").lower()


def table_of_class(name: str) -> str:
    """The table of a model of that name by convention."""
    return pluralized(underscored(name).replace("/", "_"))
