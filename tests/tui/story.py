"""A run of forty hosts at its telling moments, for the eye and for tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gonogo.format.model import Kind
from gonogo.run.plan import Plan, PlannedInput
from gonogo.run.state import Answer

from .fake import SECOND, FakeLink, plan_of, planned

HOSTS = tuple(f"cp{number:02d}" for number in range(1, 41))
API = ("api1", "api2", "api3")
PACKAGES = b"""Updating:
 openstack-nova-compute   noarch   2013.2-1.el6    havana   3.4 M
Transaction Summary
Upgrade       1 Package(s)
Complete!
"""
UPDATE = """# the mirror was filled last night
yum -y update "openstack-nova-compute-$release"
systemctl restart openstack-nova-compute"""
PROSE = """Take the nodes **four at a time** at first. VMs keep running: only the agent restarts.

- a node that does not come back within a minute is *not* a reason to stop
- see [the release notes](https://example.org/havana) for `nova.conf` changes
"""


def plan() -> Plan:
    """Return the story's plan."""
    before, control, compute, after = ("Before",), ("Control plane",), ("Compute nodes",), ("Afterwards",)
    return plan_of(
        [
            planned("The change is announced", kind=Kind.CONFIRM, sections=before, prose="Read it out loud."),
            planned("Which kernel runs where", HOSTS, sections=before, command="uname -r", read_only=True),
            planned(
                "Stop the API",
                API,
                sections=control,
                command="systemctl stop openstack-nova-api",
                check="! systemctl is-active --quiet openstack-nova-api",
                rollback="systemctl start openstack-nova-api",
                run_as="root",
                outage_begin="nova-api",
            ),
            planned("Sync the database schema", sections=control, command="nova-manage db sync"),
            planned(
                "Disable the nodes",
                HOSTS,
                batches=4,
                sections=compute,
                run_as="root",
                command='openstack compute service set --disable "$(hostname)" nova-compute',
            ),
            planned(
                "Update the packages",
                HOSTS,
                batches=4,
                sections=compute,
                command=UPDATE,
                prose=PROSE,
                run_as="root",
                timeout=900.0,
                check="systemctl is-active openstack-nova-compute",
                rollback='yum -y downgrade "openstack-nova-compute"',
            ),
            planned("VMs on this batch answer ping", kind=Kind.CONFIRM, sections=compute),
            planned("Enable the nodes", HOSTS, sections=compute),
            planned("Let the caches fill", kind=Kind.WAIT, sections=after, wait=300.0),
            planned("Start the API", API, sections=after, outage_end="nova-api", gate="typed"),
            planned("Users can boot a VM", kind=Kind.CONFIRM, sections=after),
        ],
        "Nova, Grizzly to Havana",
        (PlannedInput("release", "havana"),),
    )


def go_gate(run: Path) -> FakeLink:
    """Stop before the API is stopped; two hosts run another kernel."""
    link = FakeLink(plan(), run)
    link.ask()
    link.say(Answer.GO)
    link.finish(0)
    link.begin(1)
    for host in HOSTS:
        kernel = b"2.6.32-431.el6.x86_64\n" if host in ("cp07", "cp23") else b"3.10.0-1160.el7.x86_64\n"
        link.exit(1, host, printed=kernel, took=SECOND // 20)
    link.finish(1)
    link.ask()
    return link


def batch_gate(run: Path) -> FakeLink:
    """Stop between the first and the second batch of the update."""
    link = go_gate(run)
    link.say(Answer.GO)
    link.tell("outage.begin", service="nova-api")
    link.whole(2)
    link.ask()
    link.say(Answer.GO)
    link.whole(3, b"INFO migrate 215 -> 216\n")
    for turn in range(4, 8):
        link.ask()
        link.say(Answer.GO)
        link.whole(turn)
    link.ask()
    link.say(Answer.GO)
    link.whole(8, PACKAGES)
    link.ask()
    return link


def running(run: Path) -> FakeLink:
    """Stand in the middle of the second batch."""
    link = batch_gate(run)
    link.say(Answer.GO)
    link.begin(9)
    for host in HOSTS[10:15]:
        link.exit(9, host, printed=PACKAGES)
    link.exit(
        9,
        "cp16",
        "failed",
        b"Error: Package: nova-compute requires python-six >= 1.4\n",
        why="exit 1: Error: Package: nova-compute requires python-six >= 1.4",
        code=1,
    )
    link.write("cp17", b"Loaded plugins: fastestmirror\nResolving Dependencies\n")
    return link


def failure(run: Path) -> FakeLink:
    """Stand at the failure menu: two failed alike, one is unreachable."""
    link = running(run)
    for host in ("cp18", "cp19"):
        link.exit(9, host, printed=PACKAGES)
    link.exit(
        9,
        "cp17",
        "failed",
        b"Error: Package: nova-compute requires python-six >= 1.4\n",
        why="exit 1: Error: Package: nova-compute requires python-six >= 1.4",
        code=1,
    )
    link.exit(9, "cp20", "unreachable", why="connect to 127.0.3.20 port 22: no route to host", code=None)
    link.tell("round.end", turn=9)
    link.ask()
    return link


def ended(run: Path) -> FakeLink:
    """The run is over, all go, with one host left out."""
    link = failure(run)
    link.say(Answer.LEAVE_OUT, "cp16 and cp17 are being reinstalled, cp20 has no power")
    link.finish(9, "warn")
    for turn in (10, 11):
        link.whole(turn, PACKAGES)
    link.finish(12)
    link.whole(13)
    link.finish(14)
    link.whole(15)
    link.tell("outage.end", service="nova-api")
    link.finish(16)
    link.tell("run.end", result="go")
    return link


def typed(run: Path) -> FakeLink:
    """Stand at the gate that wants the number of hosts."""
    link = failure(run)
    link.say(Answer.RETRY_FAILED)
    for turn in range(9, 15):
        link.finish(turn)
    link.ask()
    return link


def waiting(run: Path) -> FakeLink:
    """Stand in a timed wait."""
    link = failure(run)
    link.say(Answer.RETRY_FAILED)
    for turn in range(9, 14):
        link.finish(turn)
    link.ask()
    return link


SCENES: dict[str, Callable[[Path], FakeLink]] = {
    scene.__name__: scene for scene in (go_gate, batch_gate, running, failure, ended, typed, waiting)
}
