"""The other tools that run one command on many hosts, each with the same keys, hosts and key exchange.

A peer that is not installed is named with the command that installs it, out of the way of everything else.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .fleet import Fleet

AT_ONCE = 128
"""Connections that each tool may make at the same time."""
ROOT = Path(__file__).resolve().parent.parent
VENVS = ROOT / ".bench"
_FABRIC = """
import sys
from concurrent.futures import ThreadPoolExecutor
import paramiko
from fabric import Connection
port, key, known, hosts, command, rounds = sys.argv[1:]
keys = paramiko.HostKeys(known)
def made(host):
    connection = Connection(host, user={user!r}, port=int(port), connect_kwargs=dict(key_filename=key))
    connection.client.set_missing_host_key_policy(paramiko.RejectPolicy())
    name = f"[{{host}}]:{{port}}"
    for kind, one in keys.lookup(name).items():
        connection.client.get_host_keys().add(name, kind, one)
    return connection
def run(connection):
    return connection.run(command, hide=True).ok
with ThreadPoolExecutor({at_once}) as pool:
    connections = [made(host) for host in open(hosts).read().split()]
    for _ in range(int(rounds)):
        assert all(pool.map(run, connections))
"""
_PARALLEL_SSH = """
import sys
from pssh.clients import ParallelSSHClient
port, key, known, hosts, command, rounds = sys.argv[1:]
client = ParallelSSHClient(open(hosts).read().split(), user={user!r}, port=int(port), pkey=key,
                           pool_size={at_once}, allow_agent=False)
for _ in range(int(rounds)):
    output = client.run_command(command)
    client.join()
    assert all(one.exit_code == 0 for one in output)
"""


_Words = Callable[[str, Fleet, str, int], list[str]]


@dataclass(frozen=True, slots=True)
class Peer:
    """One tool. `words(fleet, command, rounds)` is its command line; `rounds` counts on kept connections."""

    name: str
    program: Callable[[], str | None]
    install: str
    words: _Words
    cold: bool = True
    """It is measured with new connections."""
    warm: bool = False
    """It can run the command again on connections that it keeps, or that OpenSSH keeps for it."""
    note: str = ""

    def missing(self) -> str:
        """Return how to install it; empty when it is there."""
        return "" if self.program() else self.install

    def command(self, fleet: Fleet, command: str, rounds: int = 1) -> list[str]:
        """Return its command line."""
        return self.words(self.program() or self.name, fleet, command, rounds)


def _found(name: str) -> Callable[[], str | None]:
    return lambda: shutil.which(
        name, path=f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}"
    )


def _in_venv(name: str, program: str) -> Callable[[], str | None]:
    def find() -> str | None:
        path = VENVS / name / "bin" / program
        return str(path) if path.exists() else None

    return find


def _venv(name: str, package: str) -> str:
    return f"python3 -m venv .bench/{name} && .bench/{name}/bin/pip install {package}"


def _listed(fleet: Fleet) -> Path:
    """Return a file with a host in each line."""
    path = fleet.folder / "hosts"
    path.write_text("".join(f"{host}\n" for host in fleet.hosts))
    return path


def _script(text: str) -> _Words:
    def words(program: str, fleet: Fleet, command: str, rounds: int) -> list[str]:
        import getpass

        code = text.format(user=getpass.getuser(), at_once=AT_ONCE)
        where = [str(fleet.port), str(fleet.key), str(fleet.known_hosts), str(_listed(fleet))]
        return [program, "-c", code, *where, command, str(rounds)]

    return words


def _clush(program: str, fleet: Fleet, command: str, _: int) -> list[str]:
    options = f"-F {fleet.config}"
    return [
        program,
        "-f",
        str(AT_ONCE),
        "-S",
        "-b",
        "-o",
        options,
        "--hostfile",
        str(_listed(fleet)),
        command,
    ]


def _pdsh(program: str, fleet: Fleet, command: str, _: int) -> list[str]:
    arguments = f"PDSH_SSH_ARGS_APPEND=-F {fleet.config}"
    return [
        "env",
        arguments,
        program,
        "-R",
        "ssh",
        "-f",
        str(AT_ONCE),
        "-S",
        "-w",
        f"^{_listed(fleet)}",
        command,
    ]


def _pssh(program: str, fleet: Fleet, command: str, _: int) -> list[str]:
    words = [
        program,
        "-p",
        str(AT_ONCE),
        "-t",
        "0",
        "-i",
        "-x",
        f"-F {fleet.config}",
        "-h",
        str(_listed(fleet)),
    ]
    return [*words, command]


def _ansible(program: str, fleet: Fleet, command: str, _: int) -> list[str]:
    settings = ["ANSIBLE_PIPELINING=1", "ANSIBLE_PYTHON_INTERPRETER=auto_silent"]
    settings.append(f"ANSIBLE_SSH_ARGS=-F {fleet.config} -o ControlMaster=no")
    return [
        "env",
        *settings,
        program,
        "all",
        "-i",
        str(fleet.inventory),
        "-f",
        str(AT_ONCE),
        "-m",
        "raw",
        "-a",
        command,
    ]


def _pyinfra(program: str, fleet: Fleet, command: str, _: int) -> list[str]:
    words = [program, "-y", "--parallel", str(AT_ONCE), "--data", f"ssh_config_file={fleet.config}"]
    words += ["--data", f"ssh_port={fleet.port}", "--data", f"ssh_key={fleet.key}"]
    words += [
        "--data",
        f"ssh_known_hosts_file={fleet.known_hosts}",
        "--data",
        "ssh_strict_host_key_checking=yes",
    ]
    inventory = fleet.folder / "inventory.py"
    inventory.write_text(f"hosts = {list(fleet.hosts)!r}\n")
    return [*words, str(inventory), "exec", "--", command]


_MASTERS = """
config=$1 hosts=$2 rounds=$3; shift 3
while test $rounds -gt 0; do "$@" || exit; rounds=$((rounds - 1)); done
xargs -P 8 -I HOST ssh -F "$config" -O exit HOST <"$hosts" 2>/dev/null
"""


def _kept(words: _Words) -> _Words:
    """Have a tool run so often over masters of OpenSSH's client, which are ended afterwards."""

    def kept(program: str, fleet: Fleet, command: str, rounds: int) -> list[str]:
        over = fleet.kept()
        own = [str(over.config), str(_listed(fleet)), str(rounds)]
        return ["sh", "-c", _MASTERS, "sh", *own, *words(program, over, command, 1)]

    return kept


PEERS = (
    Peer("clush", _found("clush"), _venv("clush", "ClusterShell"), _clush),
    Peer("pdsh", _found("pdsh"), "apt-get install pdsh", _pdsh),
    Peer("pssh", _found("parallel-ssh"), "apt-get install pssh", _pssh),
    Peer("fabric", _in_venv("fabric", "python"), _venv("fabric", "fabric"), _script(_FABRIC), warm=True),
    Peer(
        "parallel-ssh",
        _in_venv("parallel-ssh", "python"),
        _venv("parallel-ssh", "parallel-ssh"),
        _script(_PARALLEL_SSH),
        warm=True,
        note="does not check host keys",
    ),
    Peer("pyinfra", _in_venv("pyinfra", "pyinfra"), _venv("pyinfra", "pyinfra"), _pyinfra),
    Peer("ansible raw", _found("ansible"), _venv("ansible", "ansible-core"), _ansible),
    Peer("clush, kept", _found("clush"), "", _kept(_clush), cold=False, warm=True),
    Peer("pdsh, kept", _found("pdsh"), "", _kept(_pdsh), cold=False, warm=True),
    Peer("pssh, kept", _found("parallel-ssh"), "", _kept(_pssh), cold=False, warm=True),
)
KEPT = tuple(peer.name for peer in PEERS if not peer.cold)
"""Those whose connections OpenSSH's own client keeps (ControlMaster)."""
