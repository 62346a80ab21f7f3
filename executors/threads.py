"""The event loop's threads where many hosts are logged in to: names are looked up there, and little else."""

from __future__ import annotations

import functools
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import asyncssh

from .slots import LOGINS


class Threads(ThreadPoolExecutor):
    """As many threads as logins: each may look up a name at a server that is down, for ten seconds and more.

    asyncssh has the options of every login made in a thread, too. No file is read for ours, so they are made
    where they are asked for: they need not wait behind such names, nor for the interpreter's lock.
    """

    def __init__(self) -> None:
        super().__init__(LOGINS, "lookup")

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run it: options here, all else in a thread."""
        if not (isinstance(fn, functools.partial) and fn.func is asyncssh.SSHClientConnectionOptions):
            return super().submit(fn, *args, **kwargs)
        done: Future[Any] = Future()
        try:
            done.set_result(fn())
        except Exception as error:
            done.set_exception(error)
        return done

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let go of the threads: nobody wants to know any more what they find."""
        super().shutdown(wait=False, cancel_futures=True)
