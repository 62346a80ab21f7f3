"""A lab's processes: the first one waits, the spawner forks commands, the server speaks SSH.

Where isolated, the spawner is process 1 of the lab's own process namespace: nothing outlives it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import select
import shutil
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NoReturn

from msgspec import Struct

from gonogo.errors import ExecutorError, GonogoError
from gonogo.hosts.model import Inventory
from gonogo.text import clean_line

from . import isolate
from .papers import Papers, Ready, ready
from .roots import Root, write_shims
from .scenario import Scenario
from .spawner import REQUEST_LIMIT, Place, Spawner


class Wish(Struct, frozen=True):
    """What a lab is to be."""

    inventory: Inventory
    scenario: Scenario
    directory: Path
    isolated: bool
    """Isolation is wanted; a machine that has none then runs no command, unless `harmless`."""
    harmless: bool
    """The runbook is a shipped one that names no path of its own."""
    say: Callable[[Ready], None]
    """Called once all ports are open."""
    leashed: bool = False
    """The lab ends when standard input does, unless something was written there before."""
    passing: bool = False
    """Nothing of its folder is kept, the journal neither."""


def run(wish: Wish) -> int:
    """Run a lab until it is told to stop (SIGINT, SIGTERM); return its exit code.

    Forks: the process must have one thread only. What the lab made in its folder is taken away at the end but
    for the journal, and the folder too when it is empty then; of a passing one nothing is left.
    """
    try:
        return _run(wish)
    finally:
        if wish.passing:
            shutil.rmtree(wish.directory, ignore_errors=True)


def _run(wish: Wish) -> int:
    papers = Papers(wish.directory)
    roots = _prepare(wish)
    leash = _taken_off() if wish.leashed else None
    why = isolate.why_not(wish.directory / "base") if wish.isolated else "it was asked for without"
    if not why:
        isolate.enter()
    reader, writer = os.pipe()
    spawner = os.fork()
    if spawner == 0:
        os.close(writer)
        _leave(partial(_spawn, wish, papers, roots, why, reader))
    os.close(reader)
    code = _wait(spawner, leash)
    _clear(wish.directory)
    return code


def _prepare(wish: Wish) -> list[Root]:
    if re.search(r"[\s\"'\\#%]", str(wish.directory)):
        # Its path stands in an ssh_config, and in options that are split at spaces.
        raise ExecutorError(f"{clean_line(str(wish.directory))!r}: this path cannot stand in an ssh_config")
    try:
        (wish.directory / "base").mkdir(parents=True, exist_ok=True)
        write_shims(wish.directory / "shims")
        hosts = "127.0.0.1 localhost\n" + "".join(f"127.0.0.1 {name}\n" for name in wish.inventory.hosts)
        links = isolate.links() if wish.isolated and sys.platform.startswith("linux") else {}
        roots = [Root(name, wish.directory / "hosts" / name) for name in wish.inventory.hosts]
        for root in roots:
            root.make(wish.scenario.seeds[root.name], links, hosts)
    except OSError as error:
        raise ExecutorError(
            f"the lab's folder cannot be written: {error}", "Name another one with --dir."
        ) from None
    return roots


def _taken_off() -> int:
    """Return standard input under another number, and leave nothing to read in its place."""
    leash = os.dup(0)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return leash


def _follow(leash: int, spawner: int) -> None:
    """End the lab when whoever holds the other end has gone, however that came.

    Return too when the lab ends by itself. No thread can be had here: the next process namespace is another.
    """
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(writer)
    if os.waitid(os.P_PID, spawner, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
        ready, _, _ = select.select([leash, reader], [], [])
        if leash in ready and not os.read(leash, 1):
            os.kill(spawner, signal.SIGTERM)


def _wait(spawner: int, leash: int | None) -> int:
    """Wait for the spawner; signals to this process end the lab."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: os.kill(spawner, signal.SIGTERM))
    if leash is not None:
        _follow(leash, spawner)
    _, status = os.waitpid(spawner, 0)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def _clear(directory: Path) -> None:
    for name in ("hosts", "base", "shims"):
        shutil.rmtree(directory / name, ignore_errors=True)
    for name in ("inventory.yaml", "known_hosts", "id_lab", "ssh_config"):
        (directory / name).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        directory.rmdir()


def _leave(function: Callable[[], int]) -> NoReturn:
    """Call a function as all that a forked process does, and end with its code."""
    code = 1
    try:
        code = function()
    except GonogoError as error:
        sys.stderr.write(f"error: {error}\n")
        code = error.exit_code
    except OSError as error:
        sys.stderr.write(f"error: the lab could not go on: {error}\n")
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _spawn(wish: Wish, papers: Papers, roots: list[Root], why: str, life: int) -> int:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    for end in (ours, theirs):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * REQUEST_LIMIT)
    reader, writer = os.pipe()
    server = os.fork()
    if server == 0:
        ours.close()
        os.close(writer)
        os.close(life)
        _leave(lambda: _serve(wish, papers, roots, why, theirs, reader))
    theirs.close()
    os.close(reader)
    if why:
        shims = wish.directory / "shims"
        places = [Place(f"{root.path}/root", root.environment(shims), _nothing) for root in roots]
    else:
        isolate.leave_network()
        isolate.build(wish.directory / "base", [root.path for root in roots], wish.directory / "shims")
        places = [
            Place("/root", root.environment(None), partial(isolate.become, root.name, str(root.path)))
            for root in roots
        ]
    return Spawner(places, ours, writer, life, server).serve()


def _nothing() -> None:
    """Enter nothing: there is no isolation."""


def _serve(
    wish: Wish, papers: Papers, roots: list[Root], why: str, requests: socket.socket, ends: int
) -> int:
    # Imported here: the spawner is forked from a small process and stays one.
    import asyncssh

    from .commands import Commands
    from .faults import Faults
    from .server import Host, Lab, bind

    hosts = [
        Host(number, root, bind(), asyncssh.generate_private_key("ssh-ed25519"))
        for number, root in enumerate(roots)
    ]
    client = asyncssh.generate_private_key("ssh-ed25519", comment="gonogo-lab")
    ports = {host.root.name: host.listener.getsockname()[1] for host in hosts}
    keys = {host.root.name: host.key.export_public_key().decode().strip() for host in hosts}
    papers.write(wish.inventory, ports, keys, client.export_private_key().decode())
    allowed = not why or not wish.isolated or wish.harmless
    lab = Lab(hosts, client, Commands(requests, ends), Faults(wish.scenario.faults), papers.journal, allowed)
    said = ready(papers, list(wish.inventory.hosts), why)
    asyncio.run(_until_stopped(lab, partial(wish.say, said)))
    return 0


async def _until_stopped(lab: object, say: Callable[[], None]) -> None:
    from .server import Lab

    assert isinstance(lab, Lab)
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await lab.listen()
    say()
    await stop.wait()
    await lab.close()
