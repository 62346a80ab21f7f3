"""Ansible itself says what an inventory means."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from gonogo.errors import InventoryError
from gonogo.hosts import load_inventory, resolve
from gonogo.hosts.model import Inventory

MULTINODE = Path(__file__).parents[1] / "data" / "multinode"
KOLLA = {
    "hosts": """\
        # a multinode file
        deploy ansible_connection=local tags="['a', 'b']" note='two words' # the machine itself
        [control]
        control[01:03]
        [network:children]
        control
        [compute]
        alpha2
        alpha1 ansible_port=2200
        cp[1:9:4].example.com:2222
        [ipv6]
        [2001:db8::1]:2022
        2001:db8::2
        [cell_a]
        alpha1
        cp1.example.com
        rack-[a:c] unit=[1,2]
        [baremetal:children]
        compute
        network
        empty
        [empty]
        [network:vars]
        x=inline_network
        y=inline_network
        n = 5 # five
        q = "quoted # not a comment"
        [baremetal:vars]
        x=inline_baremetal
        only=baremetal
        [cell_a:vars]
        ansible_group_priority=10
        tie=cell_a
        [compute:vars]
        tie=compute
        map={'k': [1, 'two']}
        """,
    "group_vars/all.yml": "x: from_all_file\nz: [1, two, yes, {a: null, b: 1.5}]\nnothing:\n",
    "group_vars/control/10-a.yml": "y: a\nonly: control_a\n",
    "group_vars/control/20-b": "y: b\n",
    "group_vars/control.yml": "y: never_read\n",
    "group_vars/compute.yaml": "y: compute_file\n",
    "host_vars/control01.yaml": "w: host_file\nonly: host_file\n",
    "host_vars/alpha1": "ansible_user: ops\n",
}
YAML = {
    "cloud.yaml": """\
        all:
          vars:
            site: meyrin
            pad: "0022"
          hosts:
            jump: {role: edge}
          children:
            web:
              hosts:
                web[01:04]:
                web02: {role: special}
              vars: {role: web, level: web}
            db:
              hosts:
                db-[a:c].x.ch:
              vars: {role: db}
            prod:
              children:
                web:
                db:
                  vars: {late: "1"}
              vars: {role: prod, level: prod, site: prod}
        """,
    "group_vars/prod.json": '{"level": "prod_file"}',
}
FOLDER = {
    "inv/01-first": "[web]\nw1 a=1 b=1\nw2\n[web:vars]\nv=first\n",
    "inv/02-second.yml": "web:\n  hosts:\n    w1: {b: two}\n    w3:\n  vars: {v: second}\n",
    "inv/deeper/hosts": "[db]\nd[1:2]\n",
    "inv/notes.md": "not an inventory\n",
    "inv/.hidden": "also not\n",
    "inv/group_vars/web": "g: web\n",
}
CASES = {
    "kolla": (KOLLA, "hosts"),
    "yaml": (YAML, "cloud.yaml"),
    "folder": (FOLDER, "inv"),
    "multinode": ({"multinode": MULTINODE.read_text()}, "multinode"),
}
PATTERNS = {
    "kolla": [
        "all", "*", "control", "compute,control", "baremetal:!control", "baremetal:&cell_a", "!control",
        "all:!cell_a:&compute:control", "cp*", "*example.com", "compute[0]", "compute[-1]", "compute[1:]",
        "compute[0:2]", "compute[1:99]", "network[0:1]", r"~(alpha|cp)\d", r"~alpha\d:!alpha1", "rack-[ab]",
        "rack-[!a]", "alpha?", "c*:!cp*", "2001:db8::2", "2001:db8::2,deploy", "ungrouped", "baremetal:!empty",
        "baremetal[0]", "control*[1]",
    ],
    "yaml": ["all", "web:db", "prod:!web02", "web[1:2]", "db-*", "~web0[12]", "jump,web[0]", "ungrouped"],
    "folder": ["all", "web", "web[2]", "d*", "web:&w1"],
    "multinode": [
        "nova-compute-ironic:ovn-controller", "baremetal:!compute[10:]", "*-api:&control[0]", "~^(nova|heat)-",
        *re.findall(r"^\[([^]:]+)", MULTINODE.read_text(), re.MULTILINE),
    ],
}  # fmt: skip
# One start of Ansible answers all patterns: each `ansible PATTERN --list-hosts` costs a second.
ASK = """
import json, sys
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
found = InventoryManager(loader=DataLoader(), sources=sys.argv[2:])
print(json.dumps({p: [h.name for h in found.get_hosts(p)] for p in json.loads(sys.argv[1])}))
"""


def _ansible(folder: Path, *arguments: str) -> Any:
    (folder / "ansible.cfg").touch()
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={**os.environ, "ANSIBLE_CONFIG": str(folder / "ansible.cfg"), "ANSIBLE_HOME": str(folder / ".ansible"),
             "LC_ALL": "C.UTF-8"},
        capture_output=True,
        check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


@pytest.fixture(params=list(CASES))
def case(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, Path]:
    """A written inventory and its name."""
    files, name = CASES[request.param]
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(dedent(text))
    return request.param, tmp_path / name


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return json.dumps(value) if isinstance(value, dict | list) else str(value)


def _vars(inventory: Inventory) -> dict[str, dict[str, str]]:
    return {name: dict(host.vars) for name, host in inventory.hosts.items() if host.vars}


def test_hosts_groups_and_variables_are_those_of_ansible_inventory(
    case: tuple[str, Path], tmp_path: Path
) -> None:
    """Each host's merged variables and each group's members are what `ansible-inventory --list` prints."""
    _, path = case
    program = str(Path(sys.executable).parent / "ansible-inventory")
    said = _ansible(tmp_path, program, "-i", str(path), "--list")
    hostvars = said.pop("_meta")["hostvars"]
    for variables in hostvars.values():
        # What ansible-inventory knows beyond the files.
        variables.pop("inventory_file", None)
    expected = {
        host: {name: _as_text(value) for name, value in found.items()} for host, found in hostvars.items()
    }
    ours = load_inventory([path])
    assert _vars(ours) == expected
    direct = {name: set(body.get("hosts", [])) for name, body in said.items()}
    for name, members in direct.items():
        assert members <= set(ours.groups[name])


def test_a_pattern_names_the_hosts_that_ansible_names(case: tuple[str, Path], tmp_path: Path) -> None:
    """Joins, cuts, exclusions, wildcards, regexes and slices choose what Ansible's own inventory chooses."""
    name, path = case
    said = _ansible(tmp_path, "-c", ASK, json.dumps(PATTERNS[name]), str(path))
    inventory = load_inventory([path])
    ours = {pattern: set(resolve(pattern, inventory)) for pattern in PATTERNS[name]}
    assert ours == {pattern: set(hosts) for pattern, hosts in said.items()}


def test_what_ansible_inventory_prints_can_be_an_inventory(case: tuple[str, Path], tmp_path: Path) -> None:
    """The output of `ansible-inventory --list`, saved as a file, gives the same hosts and groups again."""
    _, path = case
    program = str(Path(sys.executable).parent / "ansible-inventory")
    saved = tmp_path / "saved" / "hosts.json"
    saved.parent.mkdir()
    saved.write_text(json.dumps(_ansible(tmp_path, program, "-i", str(path), "--list")))
    ours, again = load_inventory([path]), load_inventory([saved])
    assert {name: set(hosts) for name, hosts in again.groups.items()} == {
        name: set(hosts) for name, hosts in ours.groups.items() if hosts or name in again.groups
    }


def test_kollas_kind_of_inventory_opens_as_it_is() -> None:
    """177 sections of groups in groups, hyphens in their names, variables and a local host."""
    assert len(re.findall(r"^\[", MULTINODE.read_text(), re.MULTILINE)) == 177
    found = load_inventory([MULTINODE])
    assert len(resolve("baremetal", found)) == 52
    assert found.hosts["network01"].vars["neutron_external_interface"] == "eth1"


def test_several_inventories_are_what_ansible_makes_of_them(tmp_path: Path) -> None:
    """Files, a folder and a program together: hosts, order and variables as with as many `-i` of Ansible."""
    (tmp_path / "one.ini").write_text("[web]\nw1 x=one y=one\nw2\n[web:vars]\ng=one\n")
    (tmp_path / "two.yml").write_text("web: {hosts: {w0: {x: two}, w1: {x: two}}, vars: {g: two}}\n")
    (tmp_path / "more/group_vars").mkdir(parents=True)
    (tmp_path / "more/hosts").write_text("[db]\nd1\n[web]\nw3\n")
    (tmp_path / "more/group_vars/web").write_text("f: more\n")
    program = tmp_path / "three"
    printed = {"web": {"hosts": ["w9", "w1"]}, "_meta": {"hostvars": {"w1": {"y": "three"}}}}
    program.write_text(f"#!/bin/sh\necho '{json.dumps(printed)}'\n")
    program.chmod(0o755)
    paths = [str(tmp_path / name) for name in ("one.ini", "more", "three", "two.yml")]
    ours = load_inventory(paths, run_programs=True)
    given = [word for path in paths for word in ("-i", path)]
    said = _ansible(tmp_path, str(Path(sys.executable).parent / "ansible-inventory"), *given, "--list")
    assert _vars(ours) == said["_meta"]["hostvars"]
    asked = _ansible(tmp_path, "-c", ASK, json.dumps(["web", "web[0]", "web[2:4]"]), *paths)
    assert {pattern: set(resolve(pattern, ours)) for pattern in asked} == {
        pattern: set(hosts) for pattern, hosts in asked.items()
    }


def test_plugins_and_vaults_are_read_by_ansible_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Named by the operator, what Ansible alone can read goes through `ansible-inventory`, without its secrets."""
    (tmp_path / "ansible.cfg").touch()
    (tmp_path / "password").write_text("swordfish\n")
    for name, value in (
        ("ANSIBLE_CONFIG", "ansible.cfg"),
        ("ANSIBLE_HOME", ".ansible"),
        ("ANSIBLE_VAULT_PASSWORD_FILE", "password"),
    ):
        monkeypatch.setenv(name, str(tmp_path / value))
    (tmp_path / "inv").mkdir()
    (tmp_path / "inv/1-hosts").write_text("[web]\nw1 ansible_host=192.0.2.1 rack=r1\nw2\n")
    (tmp_path / "inv/2-more.yml").write_text(
        "plugin: constructed\ngroups: {first: inventory_hostname == 'w1'}\n"
    )
    (tmp_path / "inv/host_vars").mkdir()
    secret = tmp_path / "inv/host_vars/w1.yml"
    secret.write_text("db_password: hunter2\nansible_user: ops\n")
    vault = [sys.executable, "-m", "ansible.cli.vault", "encrypt", str(secret)]
    subprocess.run(vault, check=True, capture_output=True, cwd=tmp_path)
    with pytest.raises(InventoryError, match="Ansible plugin"):
        load_inventory([tmp_path / "inv"])
    found = load_inventory([tmp_path / "inv"], run_programs=True)
    assert found.groups["first"] == ("w1",)
    assert found.hosts["w1"].vars == {"ansible_host": "192.0.2.1", "ansible_user": "ops"}
    assert b"hunter2" not in b"".join(data for _, data in found.sources)
    monkeypatch.setenv("ANSIBLE_VAULT_PASSWORD_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(InventoryError, match="exit code"):
        load_inventory([tmp_path / "inv"], run_programs=True)
