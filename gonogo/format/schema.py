"""The JSON Schema of the YAML spelling, made of the tables that the reader reads with."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Set as AbstractSet
from typing import Any

from . import keys as table
from . import watching
from .duration import DURATION, duration
from .front import ASKED, FRONT_KEYS, INPUT_KEYS, INPUT_TYPES
from .keys import KEYS, NAMES, SCRIPT_KEYS, Count, OneOf, Word
from .meanings import FRONT, INPUT, MONITOR, OWN, STEP
from .model import Verdict
from .watching import MONITOR_KEYS, VALUES
from .yamldoc import OWN_KEYS

Schema = dict[str, Any]

ADDRESS = "https://json-schema.org/draft/2020-12/schema"
SCALAR = ["string", "number", "boolean"]
"""Any scalar is a text to the reader; an editor sees its type."""
_MOST = 999_999_999
_CODE = r"0{0,6}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"


def schema() -> Schema:
    """Return the schema of a runbook in YAML, for editors and for `gonogo schema`."""
    front = {key: {"description": FRONT[key], **_FRONT[key]} for key in FRONT_KEYS}
    return {
        "$schema": ADDRESS,
        "title": "gonogo runbook",
        "type": "object",
        "properties": {**front, "steps": {"description": OWN["steps"], **_ref("steps")}},
        "required": ["gonogo", "steps"],
        "additionalProperties": False,
        "$defs": {
            "steps": {"type": "array", "items": _ref("step")},
            "step": _step(),
            "input": _input(),
            "monitor": _monitor(),
        },
    }


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _step() -> Schema:
    options = {key: {"description": STEP[key], **_option(parse)} for key, (_, parse) in KEYS.items()}
    own = {key: {"description": meaning, **_OWN[key]} for key, meaning in OWN.items()}
    return {
        "type": "object",
        "properties": {**own, **options},
        "additionalProperties": False,
        "oneOf": [_kind(kind, own.keys() - beside) for kind, beside in OWN_KEYS.items()],
    }


def _kind(kind: str, idle: AbstractSet[str]) -> Schema:
    """Return what makes a step one of this kind: `idle` are keys that do nothing in it."""
    needs: Schema = {"required": [kind]}
    if kind == "wait":
        needs = {"anyOf": [{"required": ["wait"]}, {"required": ["at"]}]}
    return {**needs, "properties": dict.fromkeys(sorted(idle - NAMES), False)}


def _input() -> Schema:
    return {
        "type": "object",
        "properties": {key: {"description": INPUT[key], **_INPUT[key]} for key in INPUT_KEYS},
        "required": ["name"],
        "additionalProperties": False,
    }


def _monitor() -> Schema:
    meanings = {**STEP, **OWN, **MONITOR}
    return {
        "type": "object",
        "properties": {key: {"description": meanings[key], **_monitor_key(key)} for key in MONITOR_KEYS},
        "required": ["name"],
        "oneOf": [
            {"required": ["run"]},
            {"required": ["openstack"], "properties": {"language": False}},
        ],
        "additionalProperties": False,
    }


def _monitor_key(key: str) -> Schema:
    if key in watching.OWN:
        return _option(watching.OWN[key])
    return _OWN[key] if key in _OWN else _option(KEYS[key][1])


def _option(parse: Callable[[str], Any]) -> Schema:
    """Return the shape of what a key's check takes."""
    if isinstance(parse, OneOf):
        return {"enum": list(parse.words)}
    if isinstance(parse, Count):
        return _count(parse.least)
    if isinstance(parse, Word):
        types = ["string", "integer"] if parse.pattern.fullmatch("1") else "string"
        return {"type": types, "minimum": 0, "pattern": _whole(parse.pattern.pattern)}
    return _SHAPES[parse]


def _count(least: int) -> Schema:
    digits = r"^[0-9]{1,9}$" if least == 0 else r"^(?=[0-9]{1,9}$)0*[1-9][0-9]*$"
    return {"type": ["integer", "string"], "minimum": least, "maximum": _MOST, "pattern": digits}


def _whole(*patterns: str) -> str:
    """Return one pattern for a whole text, as JSON Schema's regular expressions want it."""
    either = "|".join(pattern.removesuffix(r"\Z") for pattern in patterns)
    return f"^(?:{either})$"


def _list_or_text(item: Schema, text: str, least: int = 0) -> Schema:
    return {"anyOf": [{"type": "array", "items": item, "minItems": least}, {**item, "pattern": text}]}


def _script(role: str) -> Schema:
    text = {"type": SCALAR, "pattern": r"\S"}
    inner = {
        "run": text,
        **{key: {"description": STEP[key], **_option(KEYS[key][1])} for key in SCRIPT_KEYS[role]},
    }
    inner["language"] = {"description": OWN["language"], **_OWN_LANGUAGE}
    inner["openstack"] = {"description": OWN["openstack"], **text}
    one = [{"required": ["run"]}, {"required": ["openstack"], "properties": {"language": False}}]
    long = {"type": "object", "properties": inner, "oneOf": one, "additionalProperties": False}
    return {"anyOf": [text, long]}


_TEXT: Schema = {"type": SCALAR, "pattern": r"\S"}
_ANY: Schema = {"type": [*SCALAR, "null"]}
_NAME = _whole(table.NAME.pattern)
_DURATION = DURATION.pattern.removesuffix(r"\Z")
_PAUSE = table.PAUSE.pattern.removesuffix(r"\Z")
_LIMIT = watching.LIMIT.pattern.removesuffix(r"\Z")
_SIZE = table.SIZE.pattern.removesuffix(r"\Z")
_WORDS = ("true", "yes", "false", "no")
_FLAG = "|".join("".join(f"[{letter.upper()}{letter}]" for letter in word) for word in _WORDS)
_VERDICTS = "|".join(Verdict)
_PAIRS = rf"^[\s,]*(?:{_CODE}=(?:{_VERDICTS})(?:[\s,]+|$))*$"
_PAIR = r"\s*[A-Za-z_]\w*=[^,]*"
_OWN_LANGUAGE: Schema = {"type": "string", "pattern": r"^[A-Za-z][A-Za-z0-9+.#-]*$"}
_SHAPES: dict[Callable[[str], Any], Schema] = {
    duration: {"type": "string", "pattern": rf"^\s*{_DURATION}\s*$"},
    table.flag: {"type": ["boolean", "string"], "pattern": f"^(?:{_FLAG}|)$"},
    table.some_text: _TEXT,
    table.host_pattern: {"type": SCALAR, "minimum": 0, "pattern": r"^\s*[^\s-]"},
    table.batch: _list_or_text(
        {"type": ["string", "integer"], "minimum": 1, "maximum": _MOST, "pattern": rf"^\s*{_SIZE}\s*$"},
        rf"^\s*{_SIZE}\s*(?:,\s*{_SIZE}\s*)*$",
        least=1,
    ),
    table.failures: {
        "type": ["string", "integer"],
        "minimum": 0,
        "maximum": _MOST,
        "pattern": _whole("0%?", _SIZE),
    },
    table.between: {"type": "string", "pattern": rf"^(?:ask|go|\s*{_PAUSE}\s*)$"},
    table.exit_map: {
        "anyOf": [
            {"type": "string", "pattern": _PAIRS},
            {
                "type": "object",
                "patternProperties": {f"^{_CODE}$": {"enum": list(Verdict)}},
                "additionalProperties": False,
            },
        ]
    },
    table.regex: {"type": SCALAR, "format": "regex"},
    table.words: _list_or_text({"type": SCALAR}, ""),
    table.variables: _list_or_text(
        {"type": "string", "pattern": _NAME}, r"^[\s,]*(?:[A-Za-z_]\w*(?:[\s,]+|$))*$"
    ),
    table.env: {
        "anyOf": [
            {"type": "string", "pattern": rf"^{_PAIR}(?:,{_PAIR})*$"},
            {
                "type": "object",
                "patternProperties": {_NAME: {"type": [*SCALAR, "null"], "pattern": "^[^,]*$"}},
                "additionalProperties": False,
                "minProperties": 1,
            },
        ]
    },
    table.condition: _TEXT,
    watching.value: {"anyOf": [{"enum": list(VALUES)}, {"type": "string", "format": "regex"}]},
    watching.limit: {"type": ["number", "string"], "pattern": rf"^\s*{_LIMIT}\s*$"},
    table.clock_time: {
        "type": "string",
        "pattern": r"^\s*(?:(?:[01]?[0-9]|2[0-3]):[0-5][0-9]|[0-9]{4}-?(?:[0-9][0-9]|W).*:.*)\s*$",
    },
}
_OWN: dict[str, Schema] = {
    "title": _ANY,
    "id": {"type": SCALAR},
    "name": {"type": SCALAR},
    "prose": _ANY,
    "run": _TEXT,
    "openstack": _TEXT,
    "language": _OWN_LANGUAGE,
    "check": _script("check"),
    "rollback": _script("rollback"),
    "confirm": _ANY,
    "steps": _ref("steps"),
    "test": _option(table.flag),
    "include": _TEXT,
}
_FRONT: dict[str, Schema] = {
    "gonogo": {"enum": [1, "1"]},
    "title": _ANY,
    "inventory": _ANY,
    "inputs": {"type": "array", "items": _ref("input")},
    "services": {"anyOf": [{"type": "array", "items": _ANY}, _ANY]},
    "blast-radius": _count(1),
    "allowed-signers": _ANY,
    "monitors": {"type": "array", "items": _ref("monitor")},
    "test-plan": {"anyOf": [{"type": "array", "items": _ANY}, _ANY]},
    "roles": {
        "type": "object",
        "additionalProperties": {"anyOf": [{"type": "array", "items": _ANY}, _ANY]},
    },
}
_INPUT: dict[str, Schema] = {
    "name": {"type": "string", "pattern": _NAME},
    "prompt": _ANY,
    "choices": {"anyOf": [{"type": "array", "items": _ANY}, _ANY]},
    "default": _ANY,
    "secret": _option(table.flag),
    "type": {"enum": [*INPUT_TYPES, ""]},
    "pattern": {"type": [*SCALAR, "null"], "format": "regex"},
    "ask": {"enum": [*ASKED, ""]},
}
