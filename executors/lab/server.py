"""The SSH side: one listener and one host key for each host, commands passed on as sshd passes them."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import logging
import os
import signal
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh
from msgspec import Struct, field

from gonogo.text import clean_line

from .commands import Commands, Running
from .faults import Faults, played
from .papers import ADDRESS
from .roots import Root
from .scenario import Kind
from .wire import Incoming, receive

AFTER_EXIT = 1.0
"""Seconds that output may follow a command's exit; a daemon that it left behind may hold it open for ever."""
_PIECE = 1 << 16
_REFUSED = (
    "gonogo lab: this machine allows no isolation, and commands could touch it; "
    "start the lab with --no-isolation if that is wanted\n"
)


class Host(Struct):
    """One host of the lab."""

    number: int
    root: Root
    listener: socket.socket
    """Bound; nothing listens on it while the host is unreachable."""
    key: asyncssh.SSHKey
    connections: set[asyncssh.SSHServerConnection] = field(default_factory=set)


@dataclass(slots=True)
class _Server(asyncssh.SSHServer):
    """One connection to a host."""

    host: Host
    lab: Lab
    refused: bool = False
    connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Keep the connection: a reboot ends it."""
        self.connection = conn
        self.host.connections.add(conn)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        if self.connection is not None:
            self.host.connections.discard(self.connection)

    def begin_auth(self, username: str) -> bool:
        """Ask for a key, whoever it is; here it shows whether this login is one that is refused."""
        self.refused = self.refused or self.lab.faults.refuses_login(self.host.root.name)
        return True

    def public_key_auth_supported(self) -> bool:
        """Take keys only."""
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        """Take the lab's key."""
        return not self.refused and key.public_data == self.lab.client_key.public_data


class Lab(Struct):
    """All hosts and what they share."""

    hosts: list[Host]
    client_key: asyncssh.SSHKey
    commands: Commands
    faults: Faults
    journal: Path
    allowed: bool
    """Commands may run: they are isolated, or it was asked for without."""
    _acceptors: list[asyncssh.SSHAcceptor] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def listen(self) -> None:
        """Open every host's port but the unreachable ones'."""
        asyncssh.set_log_level(logging.CRITICAL)
        self.commands.listen()
        for host in self.hosts:
            if not self.faults.has(host.root.name, Kind.UNREACHABLE):
                self._acceptors.append(await self._listen(host))

    async def _listen(self, host: Host) -> asyncssh.SSHAcceptor:
        changed = self.faults.has(host.root.name, Kind.CHANGED_KEY)
        key = asyncssh.generate_private_key("ssh-ed25519") if changed else host.key

        async def handle(process: asyncssh.SSHServerProcess[bytes]) -> None:
            await self._handle(host, process)

        return await asyncssh.listen(
            sock=host.listener,
            server_factory=lambda: _Server(host, self),
            server_host_keys=[key],
            process_factory=handle,
            encoding=None,
            line_editor=False,
            agent_forwarding=False,
            compression_algs=None,
            gss_host=None,
            keepalive_interval=0,
            backlog=128,
        )

    async def close(self) -> None:
        """Close every port and connection."""
        for acceptor in self._acceptors:
            acceptor.close()
        for host in self.hosts:
            for connection in list(host.connections):
                connection.abort()

    async def _handle(self, host: Host, process: asyncssh.SSHServerProcess[bytes]) -> None:
        command = process.command
        if not self.allowed:
            process.stderr.write(_REFUSED.encode())
            process.exit(126)
            return
        try:
            incoming = await receive(command, process.stdin)
            strikes = self.faults.of_command(host.root.name, incoming.script)
            script = played(strikes, incoming.script)
            running = self.commands.start(host.number, incoming.command_for(script), _terminal(process))
        except OSError as error:
            process.stderr.write(f"gonogo lab: {error}\n".encode())
            process.exit(126)
            return
        except (asyncssh.Error, asyncssh.BreakReceived, asyncssh.SignalReceived):
            process.close()
            return
        for fault in strikes:
            if fault.kind is Kind.DROP:
                asyncio.get_running_loop().call_later(fault.seconds, _drop, host)
        # The command outlives its channel and its connection, as it does with sshd: it is not theirs.
        task = asyncio.create_task(self._follow(host, process, running, incoming, script))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _follow(
        self,
        host: Host,
        process: asyncssh.SSHServerProcess[bytes],
        running: Running,
        incoming: Incoming,
        script: str,
    ) -> None:
        started = time.time_ns()
        feeding = asyncio.create_task(self._feed(process, running, incoming.standard_input(script)))
        pumps = [asyncio.create_task(_pump(running.output, process.stdout))]
        if running.error is not None:
            pumps.append(asyncio.create_task(_pump(running.error, process.stderr)))
        code = await running.code
        await asyncio.wait(pumps, timeout=AFTER_EXIT)
        self._write_down(host, incoming, started, code)
        rebooting = host.root.lab / "state" / "rebooting"
        down = rebooting.exists()
        if code < 0:
            process.exit_with_signal(signal.Signals(-code).name.removeprefix("SIG"))
        else:
            process.exit(code)
        if down:
            rebooting.unlink(missing_ok=True)
            for connection in list(host.connections):
                connection.close()
        for task in (feeding, *pumps):
            task.cancel()
        await asyncio.gather(feeding, *pumps, return_exceptions=True)

    async def _feed(self, process: asyncssh.SSHServerProcess[bytes], running: Running, first: bytes) -> None:
        """Pass the client's input and signals on until either side has no more."""
        transport, protocol = await asyncio.get_running_loop().connect_write_pipe(
            asyncio.streams.FlowControlMixin, os.fdopen(running.stdin, "wb", 0)
        )
        writer = asyncio.StreamWriter(transport, protocol, None, asyncio.get_running_loop())
        try:
            writer.write(first)
            while not transport.is_closing():
                try:
                    data = await process.stdin.read(_PIECE)
                except asyncssh.SignalReceived as received:
                    self.commands.send_signal(running, received.signal)
                    continue
                except (asyncssh.BreakReceived, asyncssh.TerminalSizeChanged):
                    continue
                if not data:
                    return
                writer.write(data)
                await writer.drain()
        except (OSError, asyncssh.Error):
            pass
        finally:
            transport.close()

    def _write_down(self, host: Host, incoming: Incoming, started: int, code: int) -> None:
        text = incoming.script.encode("utf-8", "surrogateescape")
        first = next((line for line in incoming.script.splitlines() if line.strip()), "")
        line = {
            "started_ns": started,
            "ended_ns": time.time_ns(),
            "host": host.root.name,
            "sha256": hashlib.sha256(text).hexdigest(),
            "first": clean_line(first)[:200],
            "exit": code if code >= 0 else None,
            "signal": signal.Signals(-code).name if code < 0 else None,
        }
        with self.journal.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")


async def _pump(descriptor: int, writer: asyncssh.SSHWriter[bytes]) -> None:
    """Pass a command's output on, no faster than the client takes it."""
    reader = asyncio.StreamReader(limit=_PIECE)
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(descriptor, "rb", 0)
    )
    try:
        while data := await reader.read(_PIECE):
            writer.write(data)
            await writer.drain()
    except (OSError, asyncssh.Error):
        pass  # the client went away (the command meets a broken pipe), or a terminal was hung up
    finally:
        transport.close()


def _terminal(process: asyncssh.SSHServerProcess[bytes]) -> tuple[str, int, int] | None:
    if process.term_type is None:
        return None
    size: Any = process.term_size
    return process.term_type, size[0], size[1]


def _drop(host: Host) -> None:
    for connection in list(host.connections):
        with contextlib.suppress(OSError):
            connection.abort()


def bind() -> socket.socket:
    """Return a socket on a free port of loopback; nothing listens on it yet."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.bind((ADDRESS, 0))
    return made
