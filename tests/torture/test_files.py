"""More hosts than this machine may open files."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable

from tests.sshd import sshd
from tests.torture.ground import Ground, times

HOSTS, FILES = times(300, 5000), times(200, 1024)
"""The hosts are names of a few addresses; each is logged in to."""


def test_every_host_has_its_turn(
    ground: Ground, need: Callable[[str, str], str], record_property: Callable[[str, object], None]
) -> None:
    """Under a hard limit of open files that is far below the number of hosts, all of them end well."""
    with sshd(need("sshd", "openssh-server"), ground.folder) as running:
        inventory = ground.folder / "hosts.ini"
        more = f"ansible_ssh_private_key_file={running.key}"
        more += f' ansible_ssh_common_args="-o UserKnownHostsFile={running.known_hosts}"'
        for number in range(HOSTS):
            variables = running.variables(running.addresses[number % len(running.addresses)])
            words = " ".join(f"{name}={value}" for name, value in variables.items())
            with inventory.open("a") as file:
                file.write(f"h{number:04} {words} {more}\n")
        command = [sys.executable, "-m", "gonogo", "exec", "all", "-i", str(inventory), "--yes", "--", "true"]
        done = subprocess.run(
            ["sh", "-c", f'ulimit -n {FILES} && exec "$@"', "sh", *command],
            env=ground.environment,
            cwd=ground.folder,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    records = [json.loads(line) for line in ground.trail.read_text().splitlines()]
    ends = Counter(record["state"] for record in records if record["k"] == "host.exit")
    assert ends == {"ok": HOSTS}
    record_property("figures", f"{HOSTS} hosts with ulimit -n {FILES}")
