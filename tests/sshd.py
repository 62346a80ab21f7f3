"""OpenSSH's own sshd on loopback, for tests: real hosts that cost nothing."""

from __future__ import annotations

import getpass
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_CONFIG = """
Port {port}
{addresses}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile {folder}/sshd.pid
StrictModes no
UsePAM no
PasswordAuthentication no
MaxStartups {startups}
LogLevel ERROR
SetEnv SHLVL=5
"""


@contextmanager
def ssh_agent(path: Path) -> Iterator[None]:
    """Run an agent at a socket until the block ends."""
    process = subprocess.Popen(["ssh-agent", "-D", "-a", str(path)], stdout=subprocess.DEVNULL)
    try:
        while not path.exists():
            if process.poll() is not None:
                raise RuntimeError("ssh-agent does not start")
        yield
    finally:
        process.terminate()
        process.wait()


@dataclass(frozen=True, slots=True)
class Sshd:
    """A running sshd and the files of its clients."""

    port: int
    pid: int
    folder: Path
    addresses: tuple[str, ...]

    @property
    def key(self) -> Path:
        """The client's key."""
        return self.folder / "client_key"

    @property
    def known_hosts(self) -> Path:
        """All addresses with the right host key."""
        return self.folder / "known_hosts"

    def variables(self, address: str = "") -> dict[str, str]:
        """Return an inventory's connection variables."""
        return {
            "ansible_host": address or self.addresses[0],
            "ansible_port": str(self.port),
            "ansible_user": getpass.getuser(),
        }

    def sessions(self) -> list[int]:
        """Return the processes that serve logins now."""
        done = subprocess.run(["pgrep", "-P", str(self.pid)], capture_output=True, text=True, check=False)
        return [int(pid) for pid in done.stdout.split()]


def keygen(path: Path, kind: str = "ed25519", passphrase: str = "") -> str:
    """Make a key pair and return the public line."""
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", passphrase, "-f", str(path)], check=True)
    return Path(f"{path}.pub").read_text().strip()


def loopback(hosts: int) -> tuple[str, ...]:
    """Return addresses that no other test process uses."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) + 1
    return tuple(f"127.7.{worker}.{number}" for number in range(1, hosts + 1))


@contextmanager
def sshd(program: str, folder: Path, hosts: int = 8, more: str = "", startups: str = "200") -> Iterator[Sshd]:
    """Run an sshd on some addresses of 127.0.0.0/8 until the block ends; `more` is further configuration.

    A host key that is there already is taken.
    """
    addresses = loopback(hosts)
    key = folder / "host_key"
    public = Path(f"{key}.pub").read_text().strip() if key.exists() else keygen(key)
    (folder / "authorized_keys").write_text(keygen(folder / "client_key") + "\n")
    with socket.socket() as probe:
        probe.bind((addresses[0], 0))
        port = probe.getsockname()[1]
    (folder / "known_hosts").write_text("".join(f"[{address}]:{port} {public}\n" for address in addresses))
    listen = "\n".join(f"ListenAddress {address}" for address in addresses)
    (folder / "config").write_text(
        _CONFIG.format(port=port, addresses=listen, folder=folder, startups=startups) + more
    )
    Path("/run/sshd").mkdir(exist_ok=True)
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, "-D", "-e", "-f", str(folder / "config")], stderr=log)
    try:
        _until_it_answers(process, addresses[-1], port, folder / "log")
        yield Sshd(port, process.pid, folder, addresses)
    finally:
        process.terminate()
        process.wait()


def _until_it_answers(process: subprocess.Popen[bytes], address: str, port: int, log: Path) -> None:
    while process.poll() is None:
        try:
            with socket.create_connection((address, port), 1) as connection:
                if connection.recv(4) == b"SSH-":
                    return
        except OSError:
            continue
    raise RuntimeError(log.read_text())
