"""The event loop's threads where many hosts are logged in to: names are looked up there, and little else."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from .slots import LOGINS


class Threads(ThreadPoolExecutor):
    """As many threads as logins: each may ask a name server that is down, for ten seconds and more."""

    def __init__(self) -> None:
        super().__init__(LOGINS, "lookup")

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Let go of the threads: nobody wants to know any more what they find."""
        super().shutdown(wait=False, cancel_futures=True)
