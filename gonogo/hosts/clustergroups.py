"""Groups that ClusterShell knows: the default source of the operator's own groups.conf."""

from __future__ import annotations

import re

from gonogo.text import clean_line

from .names import Refused

# ClusterShell puts a group's name into a shell command as it is.
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,99}")
# What ClusterShell lets through, beside its own errors, when its files are broken.
_LEAKS = (OSError, ValueError, TypeError, AttributeError, KeyError)


def members(name: str) -> list[str] | None:
    """Return a group's nodes; None when ClusterShell knows no such group; raise Refused."""
    if not _NAME.fullmatch(name):
        return None
    import configparser

    from ClusterShell.NodeSet import NodeSet, NodeSetException, std_group_resolver
    from ClusterShell.NodeUtils import GroupResolverError, GroupSourceError

    try:
        resolver = std_group_resolver()
        if not resolver.group_nodes(name):
            return None
        return list(NodeSet(f"@{name}", resolver=resolver))
    except (GroupSourceError, GroupResolverError, NodeSetException, configparser.Error, *_LEAKS) as error:
        if _is_unknown(error):
            return None
        why = clean_line(str(error))
        mend = f"`nodeset -e @{name}` says more."
        raise Refused(f"ClusterShell cannot resolve the group {name!r}: {why}", mend) from None


def _is_unknown(error: Exception) -> bool:
    """Tell whether an error says no more than that there is no such group, or no source of groups at all."""
    from ClusterShell.NodeUtils import GroupResolverSourceError, GroupSourceQueryFailed

    return isinstance(error, GroupSourceQueryFailed | GroupResolverSourceError)
