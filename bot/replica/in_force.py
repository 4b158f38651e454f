"""The settings that the migration role will get: its own in this database, its own, the database's or the server's."""

from collections.abc import Mapping
from typing import Any

_NAMES = ("lock_timeout", "statement_timeout", "transaction_timeout", "timezone")
_DEFAULT_PATH = '"$user", public'
# The sources in pg_settings of values that every session starts with, and not only ours.
_SOMEBODY_SET_IT = {
    "configuration file": "the server's configuration",
    "command line": "the server's command line",
    "environment variable": "the server's environment",
    "global": "ALTER ROLE ALL",
}
_NOBODY_SET_IT = "default"


def settings_in_force(session: Mapping[str, Any], role: str | None) -> dict[str, tuple[str, str]]:
    """Each known setting, with its source in words.

    Without a role, a setting that is only the default is left out, because the role may have changed it.
    """
    known = role is not None and session["role_exists"]
    found = {name: setting for name in _NAMES if (setting := _in_force(name, session, known=known)) is not None}
    path = _in_force("search_path", session, known=known)
    return found if path is None else {**found, "search_path": path}


def search_path(session: Mapping[str, Any], role: str | None) -> tuple[str, ...]:
    """The existing schemas in which unqualified names are looked up."""
    setting = _in_force("search_path", session, known=True)
    entries = _listed(setting[0] if setting is not None else _DEFAULT_PATH)
    named = [role if entry == "$user" else entry for entry in entries]
    path = tuple(dict.fromkeys(entry for entry in named if entry is not None and entry in session["schemas"]))
    return path or ("public",)


def _in_force(name: str, session: Mapping[str, Any], *, known: bool) -> tuple[str, str] | None:
    overrides = {_level(override): _read(override["settings"]) for override in session["overrides"] or ()}
    for level, source in (
        ((True, True), "the migration role's settings in this database"),
        ((False, True), "the migration role's settings"),
        ((True, False), "the database's settings"),
        ((False, False), "ALTER ROLE ALL"),
    ):
        if name in overrides.get(level, {}):
            return overrides[level][name], source
    server = next((setting for setting in session["settings"] or () if setting["name"].lower() == name), None)
    if server is None:
        return None
    if server["source"] in _SOMEBODY_SET_IT:
        return _with_unit(server), _SOMEBODY_SET_IT[server["source"]]
    if server["source"] == _NOBODY_SET_IT and known:
        return _with_unit(server), "PostgreSQL's default"
    return None


def _level(override: Mapping[str, Any]) -> tuple[bool, bool]:
    return override["database"], override["role"]


def _read(settings: list[str] | None) -> dict[str, str]:
    pairs = (text.partition("=") for text in settings or ())
    return {name.lower(): value for name, _, value in pairs}


def _with_unit(server: Mapping[str, Any]) -> str:
    value, unit = server["value"] or "", server["unit"]
    return f"{value}{unit}" if unit and value not in ("0", "-1") else value


def _listed(text: str) -> list[str]:
    """The entries of a search_path, quotes removed, bare ones folded."""
    entries: list[str] = []
    position = 0
    while position < len(text):
        if text[position] == '"':
            end = position + 1
            while end < len(text) and (text[end] != '"' or text[end : end + 2] == '""'):
                end += 2 if text[end] == '"' else 1
            entries.append(text[position + 1 : end].replace('""', '"'))
            position = end + 1
            continue
        end = text.find(",", position)
        end = len(text) if end < 0 else end
        if bare := text[position:end].strip():
            entries.append(bare.lower())
        position = end + 1
        while position < len(text) and text[position] in ", ":
            position += 1
    return entries
