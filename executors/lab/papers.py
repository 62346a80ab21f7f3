"""What clients need to reach the lab: inventory, known_hosts, a key, ssh_config."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict

from gonogo.hosts.model import Inventory

ADDRESS = "127.0.0.1"


class Papers(Struct, frozen=True):
    """The files in a lab's folder."""

    directory: Path

    @property
    def inventory(self) -> Path:
        """Ansible's YAML: the hosts and groups as they were, each host on its own port of loopback."""
        return self.directory / "inventory.yaml"

    @property
    def known_hosts(self) -> Path:
        """The hosts' public keys."""
        return self.directory / "known_hosts"

    @property
    def key(self) -> Path:
        """The private key that logs in."""
        return self.directory / "id_lab"

    @property
    def ssh_config(self) -> Path:
        """For `ssh -F`."""
        return self.directory / "ssh_config"

    @property
    def journal(self) -> Path:
        """One JSON line for each command that a host ran."""
        return self.directory / "journal.jsonl"

    def write(
        self, inventory: Inventory, ports: Mapping[str, int], keys: Mapping[str, str], private: str
    ) -> None:
        """Write them all. `keys` are the hosts' public keys as they should be known."""
        descriptor = os.open(self.key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(private)
        self.known_hosts.write_text("".join(f"[{ADDRESS}]:{ports[name]} {keys[name]}\n" for name in ports))
        self.ssh_config.write_text("".join(self._block(name, port) for name, port in ports.items()))
        # JSON is YAML: a name or a value that YAML would read as something else stays itself.
        text = json.dumps(self._inventory(inventory, ports), indent=1)
        self.inventory.write_text(f"# Written by `gonogo lab`: its hosts, on loopback.\n{text}\n")

    def _block(self, name: str, port: int) -> str:
        return (
            f"Host {name}\n  HostName {ADDRESS}\n  Port {port}\n  User root\n  IdentityFile {self.key}\n"
            f"  IdentitiesOnly yes\n  UserKnownHostsFile {self.known_hosts}\n  StrictHostKeyChecking yes\n"
            "  ProxyJump none\n"
        )

    def _inventory(self, inventory: Inventory, ports: Mapping[str, int]) -> dict[str, Any]:
        known = f"-o UserKnownHostsFile={self.known_hosts} -o StrictHostKeyChecking=yes"
        shared = {
            "ansible_host": ADDRESS,
            "ansible_user": "root",
            "ansible_ssh_private_key_file": str(self.key),
            "ansible_ssh_common_args": known,
        }
        hosts = {}
        for name, host in inventory.hosts.items():
            # How the real host is reached, and with which password, is nothing for a rehearsal.
            kept = {key: value for key, value in host.vars.items() if not key.startswith("ansible_")}
            hosts[name] = kept | {"ansible_port": str(ports[name])} | shared
        groups: dict[str, Any] = {
            name: {"hosts": {member: {} for member in members}}
            for name, members in inventory.groups.items()
            if name not in ("all", "ungrouped")
        }
        return {"all": {"hosts": hosts, "children": groups}}


class Ready(Struct, frozen=True):
    """What a started lab says of itself: one line of JSON with `--json`."""

    hosts: int
    directory: str
    inventory: str
    known_hosts: str
    key: str
    ssh_config: str
    journal: str
    isolated: bool
    why: str = ""
    """Why it is not isolated."""
    first: str = ""
    """The first host's name, for an example."""

    def line(self) -> str:
        """Return it as one line of JSON."""
        return json.dumps(asdict(self))


def ready(papers: Papers, hosts: list[str], why: str) -> Ready:
    """Return what a started lab says."""
    return Ready(
        hosts=len(hosts),
        directory=str(papers.directory),
        inventory=str(papers.inventory),
        known_hosts=str(papers.known_hosts),
        key=str(papers.key),
        ssh_config=str(papers.ssh_config),
        journal=str(papers.journal),
        isolated=not why,
        why=why,
        first=hosts[0],
    )
