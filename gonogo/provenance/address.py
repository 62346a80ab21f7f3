"""A remote's address, without what should not be shown."""

from __future__ import annotations

import re
from collections.abc import Mapping

from gonogo.text import clean_line

_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)([^?#]*)")
_HOST = re.compile(r"(?:[^:@\[\]]*|\[[0-9A-Fa-f:.]*\])(?::\d*)?")
_SCP = re.compile(r"(?:([^/]*)@)?([^/@:]+):(.*)", re.DOTALL)
_USER = re.compile(r"[A-Za-z0-9_.-]+")


def remote(settings: Mapping[str, str], branch: str) -> str:
    """Return the address of the branch's remote, else of `origin`, else of the first; or nothing."""
    names = [settings.get(f"branch.{branch}.remote", ""), "origin"]
    found = [settings.get(f"remote.{name}.url", "") for name in names]
    found += [value for key, value in settings.items() if key.startswith("remote.") and key.endswith(".url")]
    return next((without_secrets(url) for url in found if url), "")


def without_secrets(url: str) -> str:
    """Return an address without user names of web addresses, passwords, queries and helpers' commands."""
    if match := _URL.fullmatch(url.partition("#")[0].partition("?")[0]):
        scheme, authority, path = match.groups()
        who, at, host = authority.rpartition("@")
        user = f"{who}@" if at and scheme.lower() in ("ssh", "git+ssh") and _USER.fullmatch(who) else ""
        # A password with a slash in it would end up in the path.
        if not _HOST.fullmatch(host) or "@" in path:
            return f"{scheme}://…"
        return clean_line(f"{scheme}://{user}{host}{path}")
    if "::" in url:
        return clean_line(url.partition("::")[0]) + "::…"
    if "://" not in url and (match := _SCP.fullmatch(url)):
        who = match[1] or ""
        user = f"{who}@" if _USER.fullmatch(who) else ""
        return clean_line(f"{user}{match[2]}:{match[3]}")
    return clean_line(url) if "://" not in url and "@" not in url else "…"
