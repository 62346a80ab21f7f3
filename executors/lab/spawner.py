"""The process that starts a lab's commands. Small, so that a fork is quick; where isolated it is process 1.

It takes requests from the server as datagrams (JSON, with the command's three descriptors) and answers on a
pipe, one line for each command that ended. It never reads or writes a command's output.
"""

from __future__ import annotations

import fcntl
import gc
import json
import os
import select
import signal
import socket
import termios
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from msgspec import Struct, field

REQUEST_LIMIT = 200_000
"""Bytes of a request: more than a command line may have on Linux (128 KiB)."""
_DEFAULTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD, signal.SIGPIPE)


class Place(Struct, frozen=True):
    """Where a host's commands run. `enter` is called in the new process, after the fork."""

    home: str
    environment: Mapping[str, str]
    enter: Callable[[], None]


class Spawner(Struct):
    """Forks commands and tells of their ends until the server or the lab's own process is gone."""

    places: Sequence[Place]
    requests: socket.socket
    ends: int
    """Descriptor of the pipe for answers."""
    life: int
    """Descriptor of a pipe that closes when the lab's first process is gone."""
    server: int
    """The server's process id."""
    wake: tuple[int, int] = field(default_factory=os.pipe)
    running: dict[int, int] = field(default_factory=dict)
    """Request numbers by process id."""

    def serve(self) -> int:
        """Serve until the end; return the server's exit code."""
        self._signals()
        gc.freeze()
        watched = [self.requests.fileno(), self.life, self.wake[0]]
        while True:
            ready = select.select(watched, [], [])[0]
            if self.wake[0] in ready:
                os.read(self.wake[0], 4096)
                code = self._reap()
                if code is not None:
                    return self._finish(code)
            if self.life in ready:
                return self._finish(1)
            if self.requests.fileno() in ready and not self._take():
                watched.remove(self.requests.fileno())

    def _signals(self) -> None:
        os.set_blocking(self.wake[1], False)
        os.set_blocking(self.wake[0], False)
        signal.set_wakeup_fd(self.wake[1], warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: os.kill(self.server, signal.SIGTERM))

    def _finish(self, code: int) -> int:
        for process in list(self.running):
            _signal(process, signal.SIGKILL)
        _signal(self.server, signal.SIGKILL, group=False)
        return code

    def _reap(self) -> int | None:
        """Collect what has ended, orphans too; return the server's exit code once it's gone."""
        while True:
            try:
                process, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return 1
            if process == 0:
                return None
            code = os.waitstatus_to_exitcode(status)
            if process == self.server:
                return code if code >= 0 else 128 - code
            number = self.running.pop(process, None)
            if number is not None:
                os.write(self.ends, f"{number} {code}\n".encode())

    def _take(self) -> bool:
        data, descriptors, _, _ = socket.recv_fds(self.requests, REQUEST_LIMIT, 3)
        if not data:
            return False
        for descriptor in descriptors:
            os.set_inheritable(descriptor, False)  # else a command would hold its own pipes open twice
        request = json.loads(data)
        if "signal" in request:
            process = next((pid for pid, number in self.running.items() if number == request["id"]), None)
            if process is not None:
                _signal(process, request["signal"])
            return True
        process = os.fork()
        if process == 0:
            self._become(request, descriptors)
        self.running[process] = request["id"]
        for descriptor in descriptors:
            os.close(descriptor)
        return True

    def _become(self, request: dict[str, Any], descriptors: list[int]) -> NoReturn:
        try:
            os.setsid()
            signal.set_wakeup_fd(-1)
            for number in _DEFAULTS:
                signal.signal(number, signal.SIG_DFL)
            for target, descriptor in enumerate(descriptors):
                os.dup2(descriptor, target)
            place = self.places[request["host"]]
            place.enter()
            os.chdir(place.home)
            words = ["sh", "-c", request["command"]] if request["command"] is not None else ["-sh"]
            if request.get("tty"):
                fcntl.ioctl(0, termios.TIOCSCTTY, 0)
            # This is what the process was forked for: the client's own command.
            os.execve(  # noqa: S606
                "/bin/sh", words, {**place.environment, **request.get("env", {})}
            )
        except BaseException as error:
            os.write(2, f"gonogo lab: the command could not be started: {error}\n".encode())
        finally:
            os._exit(126)


def _signal(process: int, number: int, *, group: bool = True) -> None:
    try:
        (os.killpg if group else os.kill)(process, number)
    except (ProcessLookupError, PermissionError):
        pass
