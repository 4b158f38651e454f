"""Options with which a tool applies a migration that comes too late, as far as the repository's own files show them.

Only what is written counts: a variable of the environment, or a flag that somebody types, is not seen.
"""

import re
from collections.abc import Iterable

from bot.core.judging.history import LateOption

_FLYWAY = re.compile(
    r"(?i)(?<![a-z])out[-_]?of[-_]?order[\"']?(?:[ \t]*+(?:[=:>]|\.set\(|\()[ \t]*+|[ \t]++)[\"']?"
    r"(?P<value>true|false)\b"
)
_PROFILE = re.compile(
    r"(?i)^\[environments\.|^[ \t]*<profile>|on-profile[ \t]*[:=]|^[ \t]*(?:dev|test|local)[ \t]*\{", re.MULTILINE
)
_ALLOWS = re.compile(
    r"(?<![\w-])--?allow-missing\b(?:[= ](?P<flag>true|false)\b)?|WithAllow(?:Missing|Outof?Order)\((?P<value>\w*)"
)
_GOES_UP = re.compile(r"\bgoose\b(?:(?!\bgoose\b)[^\n|;&])*?[ \t\"]up\b|\bgoose\.Up(?:Context)?\(")
_XML_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


def uncommented(text: str) -> Iterable[str]:
    """The lines of a configuration, a program or a script that are not comments."""
    for line in _XML_COMMENT.sub("", text).splitlines():
        if not line.lstrip().startswith(("#", "//", ";", "*", "--")):
            yield line


def of_flyway(path: str, text: str) -> frozenset[bool | None]:
    """What the file sets `outOfOrder` to: True, False, or None where that is for one environment or profile only."""
    if "flyway" not in f"{path}\n{text}".lower():
        return frozenset()
    name = path.rpartition("/")[2].lower()
    partial = bool(re.match(r"(?:application|bootstrap)-", name)) or _PROFILE.search(text) is not None
    found = {found["value"].lower() == "true" for line in uncommented(text) for found in _FLYWAY.finditer(line)}
    return frozenset({None}) if partial and True in found else frozenset(found)


def of_goose(_path: str, text: str) -> frozenset[bool | None]:
    """Whether the file's calls of goose allow what is missing; False for one that does not."""
    if "goose" not in text.lower():
        return frozenset()
    found: set[bool | None] = set()
    for line in uncommented(text):
        allowing = [*_ALLOWS.finditer(line)]
        found |= {(mark["flag"] or mark["value"]) != "false" for mark in allowing}
        if not allowing and _GOES_UP.search(line):
            found |= {False}
    return frozenset(found)


_SCRIPTS = (
    "{**/,}Makefile",
    "**/*.mk",
    "{**/,}justfile",
    "**/Taskfile.{yml,yaml}",
    "**/Dockerfile*",
    "**/{docker-compose,compose}*.{yml,yaml}",
    ".github/workflows/*.{yml,yaml}",
    ".gitlab-ci.yml",
    "**/*.sh",
    "**/package.json",
)

OUT_OF_ORDER = LateOption(
    name="outOfOrder",
    files=(
        "**/*flyway*.{toml,conf,properties}",
        "**/pom.xml",
        "**/*.{gradle,gradle.kts}",
        "**/*Flyway*.{java,kt}",
        "**/{application,bootstrap}*.{yml,yaml,properties}",
        *_SCRIPTS,
    ),
    values=of_flyway,
)
ALLOW_MISSING = LateOption(
    name="-allow-missing",
    files=(*_SCRIPTS, "**/main.go", "**/*{migrat,goose,database,postgres}*.go", "**/db.go"),
    values=of_goose,
)
