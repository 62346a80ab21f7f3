"""OpenSSH's sshd as many hosts: every address of 127.1.0.0/16 is one."""

from __future__ import annotations

import contextlib
import getpass
import ipaddress
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

# Without SHLVL the start files of root's shell take more time than all the rest.
_CONFIG = """
Port {port}
ListenAddress 0.0.0.0
AllowUsers {user}@127.0.0.0/8
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
MaxStartups 2000
LogLevel ERROR
SetEnv SHLVL=5
"""
_CLIENT = """
Host *
  User {user}
  Port {port}
  IdentityFile {folder}/id
  IdentitiesOnly yes
  IdentityAgent none
  UserKnownHostsFile {folder}/known_hosts
  GlobalKnownHostsFile none
  StrictHostKeyChecking yes
  KexAlgorithms curve25519-sha256
  LogLevel ERROR
"""
_KEPT = """
  ControlMaster auto
  ControlPath {folder}/masters/%h
  ControlPersist 600
"""


@dataclass(frozen=True, slots=True)
class Fleet:
    """A running sshd and the files of its clients."""

    folder: Path
    port: int
    pid: int
    hosts: tuple[str, ...]
    settings: str = "ssh_config"
    """The name of the client's settings."""

    @property
    def key(self) -> Path:
        """The client's key."""
        return self.folder / "id"

    @property
    def known_hosts(self) -> Path:
        """Every host with its key."""
        return self.folder / "known_hosts"

    @property
    def config(self) -> Path:
        """The client's settings, the same for all: strict host keys, one key exchange."""
        return self.folder / self.settings

    @property
    def inventory(self) -> Path:
        """All hosts, as Ansible has it."""
        return self.folder / "hosts.ini"

    def kept(self) -> Fleet:
        """Return the same hosts, with settings by which OpenSSH's client keeps a connection to each."""
        name = "ssh_config_kept"
        (self.folder / "masters").mkdir(exist_ok=True)
        (self.folder / name).write_text(self.config.read_text() + _KEPT.format(folder=self.folder))
        return replace(self, settings=name)

    def server_seconds(self) -> float:
        """Return the processor time that sshd and its ended sessions have taken."""
        fields = Path("/proc", str(self.pid), "stat").read_text().rpartition(")")[2].split()
        return sum(int(field) for field in fields[11:15]) / 100


@contextmanager
def fleet(folder: Path, hosts: int) -> Iterator[Fleet]:
    """Run an sshd for so many hosts until the block ends. Raise RuntimeError when there is none."""
    names = addresses(hosts)
    port = free_port()
    public = keygen(folder / "host_key")
    (folder / "authorized_keys").write_text(keygen(folder / "id") + "\n")
    (folder / "known_hosts").write_text("".join(f"[{name}]:{port} {public}\n" for name in names))
    facts = {"port": port, "folder": folder, "user": getpass.getuser()}
    (folder / "sshd_config").write_text(_CONFIG.format(**facts))
    (folder / "ssh_config").write_text(_CLIENT.format(**facts))
    more = f"ansible_port={port} ansible_user={getpass.getuser()} ansible_ssh_private_key_file={folder}/id"
    (folder / "hosts.ini").write_text("".join(f"{name} {more}\n" for name in names))
    with running(folder / "sshd_config", names[0], port) as pid:
        yield Fleet(folder, port, pid, names)


def addresses(hosts: int, block: int = 1) -> tuple[str, ...]:
    """Return so many addresses of 127.`block`.0.0/16."""
    first = ipaddress.IPv4Address(f"127.{block}.0.1")
    return tuple(str(first + number) for number in range(hosts))


@contextmanager
def running(config: Path, address: str, port: int) -> Iterator[int]:
    """Run an sshd until the block ends; give its process id. Raise RuntimeError when there is none."""
    program = shutil.which("sshd", path="/usr/sbin:/usr/bin:/sbin")
    if program is None:
        raise RuntimeError("sshd is missing: apt-get install openssh-server")
    Path("/run/sshd").mkdir(exist_ok=True)
    process = subprocess.Popen([program, "-D", "-e", "-f", config], stderr=subprocess.DEVNULL)
    try:
        _until_it_answers(process, address, port)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def keygen(path: Path) -> str:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path], check=True)
    return path.with_name(f"{path.name}.pub").read_text().strip()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _until_it_answers(process: subprocess.Popen[bytes], address: str, port: int) -> None:
    while process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection((address, port), 1) as connection:
            if connection.recv(4) == b"SSH-":
                return
    raise RuntimeError("sshd ended at its start")
