"""The text of a new runbook, and of an inventory for it to be tried with."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from gonogo.errors import UsageError
from gonogo.format.load import loads
from gonogo.format.spell_md import to_markdown
from gonogo.format.spell_yaml import to_yaml
from gonogo.text import clean_line

_GROUP = re.compile(r"@?([A-Za-z0-9_][A-Za-z0-9_.-]*)(?:\[[\d:-]*\])?")
_NOTE = "/etc/motd.d/change"
_HOSTS = 12
"""Example hosts in a group: enough for three batches."""


class Draft(Struct, frozen=True):
    """What a new runbook is about. An empty `service`: none goes down."""

    title: str
    hosts: str
    batch: str
    service: str
    inventory: str


def runbook_text(draft: Draft, *, yaml: bool) -> str:
    """Return the runbook in Markdown or YAML; raise UsageError for a value that it cannot hold."""
    # JSON is YAML, and needs no thought about quotes.
    runbook = loads(json.dumps(_document(draft)).encode(), "draft.yaml").runbook
    spelled = to_yaml(runbook) if yaml else to_markdown(runbook)
    if spelled.lost:
        raise UsageError(f"this cannot be written: {'; '.join(spelled.lost)}", "Use plainer words.")
    return spelled.text


def _document(draft: Draft) -> dict[str, Any]:
    head: dict[str, Any] = {"gonogo": 1, "title": draft.title, "inventory": draft.inventory}
    if draft.service:
        head["services"] = [draft.service]
    return head | {"steps": [_before(draft), _change(draft), _after(draft)]}


def _before(draft: Draft) -> dict[str, Any]:
    look = {
        "title": "How the hosts are",
        "id": "before",
        "prose": "Say here what changes, why, and whom to call. This step only reads.",
        "hosts": draft.hosts,
        "read-only": True,
        "run": "uname -r\nuptime",
    }
    announced = {"confirm": "The change is announced, and a colleague looks on"}
    return {"title": "Before anything changes", "steps": [announced, look]}


def _change(draft: Draft) -> dict[str, Any]:
    work = {
        "title": "Do the work",
        "id": "work",
        "prose": "The commands are an example: they leave a note for people who log in. Write your own in\n"
        "their place, with a check that tells whether they worked, and the way back.",
        "timeout": "15m",
        "run": f"mkdir -p /etc/motd.d\necho 'A change is under way' > {_NOTE}",
        "check": f"test -s {_NOTE}",
        "rollback": f"rm -f {_NOTE}",
    }
    rolling = {"title": "Change the hosts", "hosts": draft.hosts, "as": "root", "batch": draft.batch}
    return rolling | {"steps": _without(draft.service, work) if draft.service else [work, _clear()]}


def _clear() -> dict[str, Any]:
    return {
        "title": "Take the note away",
        "id": "clear",
        "run": f"rm -f {_NOTE}",
        "check": f"test ! -e {_NOTE}",
        "no-rollback": "nobody misses the note",
    }


def _without(service: str, work: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the work with the service stopped before it and started after it."""
    stop = {
        "title": f"Stop {service}",
        "id": "stop",
        "outage-begin": service,
        "run": f"systemctl stop {service}",
        "rollback": f"systemctl start {service}",
    }
    start = {
        "title": f"Start {service}",
        "id": "start",
        "outage-end": service,
        "run": f"systemctl start {service}",
        "check": f"systemctl is-active --quiet {service}",
        "rollback": f"systemctl stop {service}",
    }
    return [stop, work, _clear(), start]


def _after(draft: Draft) -> dict[str, Any]:
    look = {
        "title": "No unit has failed",
        "id": "after",
        "hosts": draft.hosts,
        "read-only": True,
        "run": "systemctl --failed --no-legend --plain",
        "expect-not": r"\S",
    }
    return {"title": "After", "steps": [look, {"confirm": "Users can work, and the change is closed"}]}


def inventory_text(hosts: str) -> str:
    """Return an INI inventory with the groups that a pattern names; raise UsageError for other patterns."""
    groups = list(dict.fromkeys(_groups(hosts)))
    if not groups:
        raise UsageError("the host pattern is empty", "Name a group.")
    head = "# Examples: write your own hosts in their place. `gonogo hosts` shows what a pattern means.\n"
    sections = [f"\n[{group}]\n{_example(group)}\n" for group in groups if group != "all"]
    return head + ("".join(sections) or f"{_example('host')}\n")


def _groups(hosts: str) -> Iterator[str]:
    from gonogo.hosts.terms import split

    for term in split(hosts, frozenset()):
        match = _GROUP.fullmatch(term.text)
        if match is None or term.sign:
            what = f"no example inventory can be made for {clean_line(term.text)!r}"
            raise UsageError(what, "Name a group, or give --inventory FILE.")
        yield match[1]


def _example(group: str) -> str:
    name = re.sub(r"[_.]", "-", group).strip("-") or "host"
    return f"{name}[01:{_HOSTS}].example.com"


def file_name(title: str, *, yaml: bool) -> str:
    """Return a file's name made of a title: `New web servers` is `new-web-servers.md`."""
    words = re.sub(r"[^\w]+", "-", title.casefold()).strip("-_")[:60].strip("-")
    return f"{words or 'runbook'}{'.yaml' if yaml else '.md'}"
