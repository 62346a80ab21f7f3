"""Provenance in a few lines for a person, from the dictionary that a record holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gonogo.text import clean_line

_SHOWN = 8
_ISO = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(Z|[+-]\d\d:\d\d)", re.ASCII)
_UTC = ("Z", "+00:00")


def lines(found: Mapping[str, Any]) -> list[str]:
    """Return what to know before a go; the dictionary may come from a trail and is not trusted."""
    if not found.get("commit"):
        why = _word(found, "absent") or "nothing was recorded"
        return [f"origin: not known from git: {why}"]
    return [_commit(found), _signature(_map(found.get("signature"))), _author(found), *_differences(found)]


def _commit(found: Mapping[str, Any]) -> str:
    branch = _word(found, "branch")
    where = f"on {branch}" if branch else "on no branch (detached)"
    path = _word(found, "path")
    of = f", {path}" if path else ""
    return f"origin: {_word(found, 'repository')}{of}, commit {_word(found, 'commit')[:12]} {where}"


def _signature(found: Mapping[str, Any]) -> str:
    key, who, why = _word(found, "key"), _word(found, "principal"), _word(found, "why")
    match found.get("status"):
        case "good" if found.get("signers") == "operator":
            return f"signed by {who} ({key}), whom your allowed signers name"
        case "good":
            vouching = _word(found, "signers")
            return f"signed by {who} ({key}), says the repository's own {vouching}; nobody else vouches"
        case "bad":
            return f"BAD SIGNATURE: {why}"
        case "unknown-signer":
            return f"signed by an unknown key ({key}): no allowed signer has it"
        case "unchecked":
            kind = {"openpgp": "with OpenPGP", "x509": "with X.509"}.get(_word(found, "kind"), "")
            return f"signed {kind}, not checked" if kind else f"signed, not checked: {why}"
    return "not signed"


def _author(found: Mapping[str, Any]) -> str:
    if not found.get("author"):
        return "the runbook is in no commit: its author is not known"
    words = [_word(found, "author"), _moment(_word(found, "authored"))]
    if commit := _word(found, "authored_in")[:12]:
        words.append(f"in {commit}")
    return f"last changed by {', '.join(filter(None, words))}"


def _moment(text: str) -> str:
    """Return git's moment for reading, in the zone it was made in: `2026-03-01 10:00:00 +01:00`."""
    found = _ISO.fullmatch(text)
    return f"{found[1]} {found[2]} {'UTC' if found[3] in _UTC else found[3]}" if found else text


def _differences(found: Mapping[str, Any]) -> Iterator[str]:
    changes = [_map(item) for item in _list(found.get("changes"))]
    more = found.get("more_changes")
    hidden = max(0, len(changes) - _SHOWN) + (more if isinstance(more, int) else 0)
    for change in changes[:_SHOWN]:
        if change.get("state") == "new":
            yield f"NOT IN THE COMMIT: {_word(change, 'path')}"
        else:
            about = "more than " if change.get("cut") else ""
            counts = f"{about}+{_word(change, 'added')} -{_word(change, 'removed')} lines"
            yield f"CHANGED since the commit: {_word(change, 'path')} ({counts})"
    if hidden:
        yield f"CHANGED since the commit: {hidden} more files"
    if not changes and not hidden:
        yield "all its files in the repository are as in the commit"
    outside = _list(found.get("elsewhere"))
    for path in outside[:_SHOWN]:
        yield f"not in this repository: {clean_line(str(path))}"
    if len(outside) > _SHOWN:
        yield f"not in this repository: {len(outside) - _SHOWN} more files"


def _word(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key, "")
    return clean_line(str(value)) if isinstance(value, str | int) else ""


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
