"""The hands: each executor reaches hosts one way. Loaded when first used."""

from __future__ import annotations

import contextlib
import ctypes.util
import importlib
import sys
import threading
from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING, Any

from gonogo.errors import ExecutorError
from gonogo.near import meant
from gonogo.run.ports import Executor
from gonogo.text import clean_line

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

_OWN = {
    "local": ("gonogo.executors.local", "LocalExecutor"),
    "ssh": ("gonogo.executors.ssh", "SshExecutor"),
    "openstack": ("gonogo.executors.openstack", "OpenStackExecutor"),
}
_X509 = "asyncssh.crypto.x509"
_LOADING = threading.Lock()
"""Two at once would put back what the other took away."""
GROUP = "gonogo.executors"
"""The entry-point group through which other packages add executors."""


def names() -> list[str]:
    """Name every executor that can be had here, ours first."""
    return [*_OWN, *_others()]


def create(name: str, **settings: Any) -> Executor:
    """Return a new executor made with its own settings; raise ExecutorError for a name that can't be had."""
    made: Executor
    if name in _OWN:
        made = getattr(load(name), _OWN[name][1])(**settings)
        return made
    others = _others()
    if name not in others:
        known = [*_OWN, *others]
        mend = meant(name, known, f"There are: {', '.join(known)}.")
        raise ExecutorError(f"there is no executor {clean_line(name)!r}", mend)
    try:
        made = others[name].load()(**settings)
    except (ImportError, AttributeError) as error:
        why = f"executor {clean_line(name)!r} cannot be loaded: {clean_line(str(error))}"
        mend = f"Mend or remove the package that brings it ({others[name].value})."
        raise ExecutorError(why, mend) from None
    return made


def _others() -> dict[str, EntryPoint]:
    from importlib.metadata import entry_points  # 15 ms that no executor of ours needs

    return {found.name: found for found in entry_points(group=GROUP)}


def load(name: str) -> ModuleType:
    """Load the module of an executor of ours; asyncssh alone takes 0.1 s."""
    with _LOADING, _bare_asyncssh():
        return importlib.import_module(_OWN[name][0])


@contextlib.contextmanager
def _bare_asyncssh() -> Iterator[None]:
    """Have asyncssh do without liboqs, nettle and X.509 while it is imported.

    It searches for the two with gcc, ld and ldconfig: six to eighteen processes, up to 0.3 s. They would
    bring a MAC and a key exchange that no OpenSSH asks for alone: there is always one that asyncssh has of
    its own. X.509, which no OpenSSH knows, takes a fifth of the rest of its start.
    """
    search = ctypes.util.find_library
    ctypes.util.find_library = lambda name: None
    sys.modules.setdefault(_X509, None)  # type: ignore[arg-type]  # None: it can't be imported
    try:
        yield
    finally:
        ctypes.util.find_library = search
        if sys.modules[_X509] is None:
            del sys.modules[_X509]
