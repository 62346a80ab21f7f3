"""The run's side of its socket: sends every durable record to each screen, takes the driver's word."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gonogo.errors import GonogoError, RunError, TrailError
from gonogo.text import clean, clean_line

from .conductor import Conductor
from .wire import MESSAGE_LIMIT, pack, peer_uid, socket_path, unpack

BACKLOG = 64 << 20
"""Bytes that may wait for a screen that does not read; past it the screen is let go."""
AT_ONCE = 1 << 20
"""Bytes of the trail that are read for a screen at a time."""
CLOSE, PACE = 0.002, 0.02
"""Records that come so many seconds after others wait until so many have passed, and go together.

1,500 wake-ups a second took a screen a seventh of a core.
"""


_ANYBODY = frozenset({"note", "approve", "terminal", "shell-ended"})
"""What those who look on may do, too."""


def _plain(fields: Any) -> dict[str, Any]:
    """Return an act's fields; TypeError unless they are texts, numbers and lists of texts."""
    for value in fields.values():
        for one in value if isinstance(value, list) else [value]:
            if not isinstance(one, str | int | None):
                raise TypeError
    return {str(name): value for name, value in fields.items()}


class _Screen:
    """One connected screen."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        self.who = ""
        self.lends = False
        """It has a terminal, and runs programs there when asked to."""
        self.lent: dict[int, asyncio.Future[int]] = {}
        self.shells: list[str] = []
        """Hosts on which it opened a shell, and has not left it."""
        self._held: list[bytes] = []
        """Records that wait for the next lot."""
        self._sent = 0.0
        """When the last of them went, by the loop's clock."""
        self._rest: asyncio.TimerHandle | None = None
        self._left = False

    def gone(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
        for lent in self.lent.values():
            if not lent.done():
                lent.set_exception(RunError("the terminal that it ran in went away"))

    def follow(self, records: bytes) -> None:
        """Send records: at once where they are few, in lots where they come close behind each other."""
        self._held.append(records)
        if self._rest is not None:
            return
        loop = asyncio.get_running_loop()
        if loop.time() - self._sent < CLOSE:
            self._rest = loop.call_at(self._sent + PACE, self._send_lot)
        else:
            self._send_lot()

    def _send_lot(self) -> None:
        self._rest, self._sent = None, asyncio.get_running_loop().time()
        self.send()

    def send(self, data: bytes = b"") -> None:
        """Send a message at once, behind the records that wait; nothing after the good-bye."""
        if self._left:
            return
        if self.writer.transport.get_write_buffer_size() > BACKLOG:
            self.writer.transport.abort()
        else:
            self.writer.write(b"".join([*self._held, data]))
        self._held.clear()

    async def leave(self) -> None:
        """Say good-bye: everything was sent. What comes from the screen meanwhile has no answer."""
        self.send()
        self._left = True
        with contextlib.suppress(OSError):
            self.writer.write_eof()
            await asyncio.wait_for(self.writer.drain(), 2)
        self.writer.close()


class Server:
    """Serves a run to its screens. `lines` are all trail lines written so far."""

    def __init__(self, run: Path, conductor: Conductor) -> None:
        self._trail = run / "audit.jsonl"
        self._path = socket_path(run)
        self._conductor = conductor
        self._screens: list[_Screen] = []
        self._driver: _Screen | None = None
        self._server: asyncio.Server | None = None
        self._written = self._trail.stat().st_size if self._trail.exists() else 0

    async def start(self) -> None:
        """Listen. A socket left behind by a dead process is replaced: the trail's lock is ours."""
        self._path.unlink(missing_ok=True)
        mask = os.umask(0o177)
        try:
            self._server = await asyncio.start_unix_server(self._serve, self._path, limit=MESSAGE_LIMIT)
        finally:
            os.umask(mask)

    async def close(self) -> None:
        """Say good-bye to all screens and remove the socket."""
        if self._server is not None:
            self._server.close()
        self._path.unlink(missing_ok=True)
        for screen in list(self._screens):  # they leave the list by themselves
            await screen.leave()

    def written(self, lines: list[bytes]) -> None:
        """Send lines that are on disk now."""
        data = b"".join(lines)
        self._written += len(data)
        for screen in self._screens:
            screen.follow(data)

    def tell(self, message: dict[str, Any]) -> None:
        """Send something that is no record to every screen."""
        for screen in self._screens:
            screen.send(pack(message))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        screen = _Screen(writer)
        try:
            if peer_uid(writer.get_extra_info("socket")) != os.getuid():
                return
            await self._talk(screen, reader)
        except (OSError, ValueError, asyncio.IncompleteReadError):
            pass
        finally:
            if screen in self._screens:
                self._screens.remove(screen)
            if self._driver is screen:
                self._driver = None
            self._tell_who()
            screen.gone()
            await self._leave_shells(screen)
            writer.close()

    async def _talk(self, screen: _Screen, reader: asyncio.StreamReader) -> None:
        while line := await reader.readline():
            number: Any = None
            try:
                message = unpack(line)
                number = message.get("id")
                screen.send(pack({"done": number, **(await self._take(screen, message) or {})}))
            except (GonogoError, KeyError, TypeError, AttributeError, ValueError) as error:
                why = error.what if isinstance(error, GonogoError) else "that is no message"
                unwritten = isinstance(error, TrailError)
                screen.send(pack({"done": number, "refused": why, "unwritten": unwritten}))

    async def _take(self, screen: _Screen, message: dict[str, Any]) -> dict[str, Any] | None:
        """Do what a message asks for; return what is to be said besides that it is done."""
        do = message["do"]
        if do == "hello":
            await self._hello(screen, clean_line(str(message["who"]))[:200], message)
        elif not screen.who:
            raise RunError("say hello first")
        elif self._conductor.state.result is not None:
            raise RunError("the run is over")
        elif do == "shell":
            return {"argv": await self._shell(screen, message)}
        elif do in _ANYBODY or self._reloads(screen, do):
            await self._hear(screen, do, message)
        elif screen is not self._driver:
            driver = self._driver.who if self._driver else "nobody"
            raise RunError(f"you are looking on; {driver} drives this run")
        else:
            await self._hear(screen, do, message)
        return None

    def _reloads(self, screen: _Screen, do: str) -> bool:
        """Whether the operator who drives hands in the edited runbook from another terminal."""
        return do == "revise" and self._driver is not None and self._driver.who == screen.who

    async def _hear(self, screen: _Screen, do: str, message: dict[str, Any]) -> None:
        """Pass a message on to the run; what is wrong with it is said to its sender."""
        match do:
            case "note":
                more = {name: clean_line(str(message.get(name, "")))[:500] for name in ("tag", "link")}
                await self._conductor.note(clean(str(message["text"])), screen.who, **more)
            case "terminal":
                lent, code = screen.lent[int(message["number"])], int(message["code"])
                if not lent.done():
                    lent.set_result(code)
            case "shell-ended":
                host, code = str(message["host"]), int(message["code"])
                screen.shells.remove(host)
                await self._conductor.shell_ended(host, screen.who, code)
            case "approve":
                await self._conductor.approve(int(message["gate"]), str(message["signature"]))
            case "revise":
                told = {name: str(message[name]) for name in ("file", "digest", "diff")}
                sources = [[str(word) for word in source] for source in message["sources"]]
                await self._conductor.revise(**told, sources=sources, by=screen.who)
            case "answer":
                await self._answer(screen, message)
            case "act":
                await self._conductor.act(str(message["act"]), screen.who, **_plain(message["fields"]))
            case "cancel":
                self._conductor.cancel([str(host) for host in message.get("hosts", ())])
            case "stop":
                self._conductor.stop()
            case _:
                raise RunError(f"{clean_line(str(do))[:40]} cannot be done")

    async def _answer(self, screen: _Screen, message: dict[str, Any]) -> None:
        gate, answer, hosts = int(message["gate"]), str(message["answer"]), message.get("hosts")
        reason, typed = clean(str(message.get("reason", "")))[:2000], str(message.get("typed", ""))
        meant = None if hosts is None else [str(host) for host in hosts]
        await self._conductor.answer(gate, answer, screen.who, reason, typed, meant)

    def lends(self) -> str:
        """Return who has a terminal to lend now, or an empty string."""
        return self._driver.who if self._driver and self._driver.lends else ""

    async def borrow(self, argv: Sequence[str], title: str) -> int:
        """Run a program in the driver's terminal; raise RunError when they go away."""
        screen = self._driver
        if screen is None or not screen.lends:
            raise RunError("nobody lends a terminal")
        number = len(screen.lent)
        screen.lent[number] = asyncio.get_running_loop().create_future()
        screen.send(pack({"terminal": number, "argv": list(argv), "title": clean_line(title)}))
        return await screen.lent[number]

    async def _shell(self, screen: _Screen, message: dict[str, Any]) -> list[str]:
        host, reason = str(message["host"]), clean(str(message.get("reason", "")))[:2000]
        argv = await self._conductor.shell(host, screen.who, reason)
        screen.shells.append(host)
        return list(argv)

    async def _leave_shells(self, screen: _Screen) -> None:
        """Say of each shell whose end was not told that nobody knows it."""
        for host in screen.shells if self._conductor.state.result is None else ():
            with contextlib.suppress(GonogoError):
                await self._conductor.shell_ended(host, screen.who, None)

    async def _hello(self, screen: _Screen, who: str, message: dict[str, Any]) -> None:
        """Greet a screen: all records up to now, and who drives; later records follow by themselves."""
        screen.who = who
        screen.lends = bool(message.get("lends"))
        if screen not in self._screens:
            await self._catch_up(screen)
        if message.get("drive") and (self._driver is None or message.get("take")):
            self._driver = screen
            if who != self._conductor.state.operator and self._conductor.state.result is None:
                self._conductor.record("operator", by=who, was=self._conductor.state.operator)
        self._tell_who()
        self._conductor.lent_by(self)

    async def _catch_up(self, screen: _Screen) -> None:
        """Send what is on disk as fast as the screen takes it: the trail of a long run is no backlog."""
        sent = 0
        with self._trail.open("rb") as file:
            while piece := file.read(min(self._written - sent, AT_ONCE)):
                sent += len(piece)
                screen.send(piece)
                await screen.writer.drain()
        self._screens.append(screen)

    def _tell_who(self) -> None:
        """Tell every screen who drives now, who else looks on, and how old the run is."""
        now = self._conductor.now()
        driver = self._driver.who if self._driver else ""
        watching = [one.who for one in self._screens if one is not self._driver]
        for screen in self._screens:
            told = {"driving": screen is self._driver, "driver": driver, "watching": watching, "now": now}
            screen.send(pack(told))
