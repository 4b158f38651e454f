"""Checks requests and answers against an API described in OpenAPI: GitHub's own description, or that in `used`."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.standins.github.model import Json

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}
_NULL_IN_FACT = re.compile(r"\.(position|line|start_line): null$")
"""An outdated comment has no line any more; GitHub shows null there, which its description does not mention."""
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


@dataclass(frozen=True, slots=True)
class Contract:
    """OpenAPI 3.0, as much of it as GitHub's description uses; every method returns what is wrong, in words."""

    name: str
    description: Json

    @classmethod
    def load(cls, path: Path) -> "Contract":
        """GitHub's published description, or an extract of it, as JSON. Raises OSError."""
        return cls("GitHub's OpenAPI description", json.loads(path.read_text("utf-8")))

    def request(self, method: str, template: str, query: dict[str, str], body: Any) -> list[str]:
        """Problems of a request; an operation that the description lacks has none."""
        operation = self._operation(method, template)
        if operation is None:
            return []
        problems: list[str] = []
        for parameter in map(self._resolve, operation.get("parameters", [])):
            if parameter["in"] == "query" and parameter["name"] in query:
                problems += self._check(
                    _typed(query[parameter["name"]], parameter), parameter["schema"], "?" + parameter["name"]
                )
        declared = self._resolve(operation.get("requestBody", {}))
        schema = declared.get("content", {}).get("application/json", {}).get("schema")
        if schema and (body is not None or declared.get("required")):
            problems += self._check(body if body is not None else {}, schema, "body")
            unknown = sorted(set(body or {}) - self._names(schema)) if isinstance(body or {}, dict) else []
            problems += [f"body: GitHub does not know {name}" for name in unknown]
        return problems

    def answer(self, method: str, template: str, status: int, body: Any) -> list[str]:
        """Problems of an answer, among them a status that the description does not list."""
        operation = self._operation(method, template)
        if operation is None:
            return []
        declared = operation["responses"].get(str(status))
        if declared is None:
            return [f"status {status} is not described"]
        content = self._resolve(declared).get("content", {})
        schema = content.get("application/json", {}).get("schema")
        if schema is None or isinstance(body, bytes):
            return []
        return [problem for problem in self._check(body, schema, "answer") if not _NULL_IN_FACT.search(problem)]

    def _operation(self, method: str, template: str) -> Json | None:
        operation: Json | None = self.description["paths"].get(template, {}).get(method.lower())
        return operation

    def _resolve(self, value: Json) -> Json:
        while "$ref" in value:
            target: Any = self.description
            for key in value["$ref"].split("/")[1:]:
                target = target[key]
            value = target
        return value

    def _names(self, schema: Json) -> set[str]:
        schema = self._resolve(schema)
        names = set(schema.get("properties", {}))
        for key in ("allOf", "anyOf", "oneOf"):
            for part in schema.get(key, []):
                names |= self._names(part)
        return names

    def _check(self, value: Any, schema: Json, where: str) -> list[str]:
        schema = self._resolve(schema)
        if value is None:
            open_ended = not {"type", "allOf", "anyOf", "oneOf", "enum"} & schema.keys()
            return [] if schema.get("nullable") or open_ended or self._alternative_null(schema) else [f"{where}: null"]
        problems = self._check_type(value, schema, where)
        if problems:
            return problems
        if "enum" in schema and value not in schema["enum"]:
            return [f"{where}: {value!r} is none of {schema['enum']}"]
        problems += self._check_parts(value, schema, where)
        match value:
            case dict():
                problems += self._check_object(value, schema, where)
            case list():
                problems += self._check_array(value, schema, where)
            case str():
                problems += _check_text(value, schema, where)
            case bool():
                pass
            case int() | float():
                problems += _check_number(value, schema, where)
            case _:
                pass
        return problems

    def _alternative_null(self, schema: Json) -> bool:
        parts = [*schema.get("anyOf", []), *schema.get("oneOf", [])]
        return any(self._resolve(part).get("nullable") for part in parts)

    def _check_type(self, value: Any, schema: Json, where: str) -> list[str]:
        wanted = schema.get("type")
        fits = wanted is None or (
            isinstance(value, _TYPES[wanted]) and not (isinstance(value, bool) and wanted in ("integer", "number"))
        )
        return [] if fits else [f"{where}: {type(value).__name__} where {wanted} is expected"]

    def _check_parts(self, value: Any, schema: Json, where: str) -> list[str]:
        # The list of installations requires an account that is both a user and an enterprise; it means one of them.
        whole = [self._check(value, part, where) for part in schema.get("allOf", [])]
        mistaken = {part.get("title") for part in schema.get("allOf", [])} == {"Simple User", "Enterprise"}
        excused = mistaken and not all(whole)
        problems = [problem for problems in whole for problem in problems if not excused]
        for key in ("anyOf", "oneOf"):
            tried = [self._check(value, part, where) for part in schema.get(key, [])]
            if tried and all(tried):
                problems += min(tried, key=len)
        return problems

    def _check_object(self, value: Json, schema: Json, where: str) -> list[str]:
        problems = [f"{where}.{name}: missing" for name in schema.get("required", []) if name not in value]
        properties = schema.get("properties", {})
        extra = schema.get("additionalProperties", True)
        for name, inner in value.items():
            if name in properties:
                problems += self._check(inner, properties[name], f"{where}.{name}")
            elif isinstance(extra, dict):
                problems += self._check(inner, extra, f"{where}.{name}")
            elif extra is False:
                problems.append(f"{where}.{name}: not known")
        return problems

    def _check_array(self, value: list[Any], schema: Json, where: str) -> list[str]:
        problems = [f"{where}: {len(value)} items"] if len(value) > schema.get("maxItems", len(value)) else []
        problems += [f"{where}: {len(value)} items"] if len(value) < schema.get("minItems", 0) else []
        for position, item in enumerate(value):
            problems += self._check(item, schema.get("items", {}), f"{where}[{position}]")
        return problems


def _check_text(value: str, schema: Json, where: str) -> list[str]:
    problems = []
    if not schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)):
        problems.append(f"{where}: {len(value)} characters")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        problems.append(f"{where}: {value!r} does not match {schema['pattern']}")
    if schema.get("format") == "date-time" and not _DATE_TIME.fullmatch(value):
        problems.append(f"{where}: {value!r} is not a date-time")
    return problems


def _check_number(value: float, schema: Json, where: str) -> list[str]:
    fits = schema.get("minimum", value) <= value <= schema.get("maximum", value)
    return [] if fits else [f"{where}: {value} is out of range"]


def _typed(text: str, parameter: Json) -> Any:
    match parameter["schema"].get("type"):
        case "integer" if text.lstrip("-").isdigit():
            return int(text)
        case "boolean" if text in ("true", "false"):
            return text == "true"
        case _:
            return text
