"""A run at each kind of question, for the eye and for tests."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from gonogo.format.model import Kind
from gonogo.run.plan import PlannedInput, PlannedStep
from gonogo.run.state import Answer

from . import story
from .fake import SECOND, FakeLink, plan_of, planned

HOSTS = tuple(f"cp{number:02d}" for number in range(1, 13))
CHECK = "systemctl is-active openstack-nova-compute"
UPDATE = 'yum -y update "openstack-nova-compute-$release"\nsystemctl restart openstack-nova-compute'
RELEASE = PlannedInput(
    "release",
    None,
    prompt="Which release goes in?",
    choices=("havana", "icehouse"),
    default="havana",
    reached=True,
)
PASSWORD = PlannedInput("db_password", None, secret=True, prompt="The database's password", reached=True)


def steps(**options: object) -> list[PlannedStep]:
    """Return three steps; options are the update's."""
    given = {"run_as": "root", "timeout": 900.0, **options}
    return [
        planned("The change is announced", kind=Kind.CONFIRM, sections=("Before",)),
        planned(
            "Update the packages",
            HOSTS,
            sections=("Compute nodes",),
            command=UPDATE,
            check=CHECK,
            rollback='yum -y downgrade "openstack-nova-compute"',
            **given,  # type: ignore[arg-type]
        ),
        planned("Enable the nodes", HOSTS, sections=("Compute nodes",), command="nova-manage service enable"),
    ]


def at_update(run: Path, **options: object) -> FakeLink:
    """Stand before the update."""
    link = FakeLink(plan_of(steps(**options), "Nova, Grizzly to Havana"), run)
    link.ask()
    link.say(Answer.GO)
    link.finish(0)
    return link


def start(run: Path) -> FakeLink:
    """Nothing has run."""
    plan = story.plan()
    inputs = (*plan.inputs, replace(PASSWORD, reached=False), PlannedInput("window", None, reached=True))
    steps = [replace(one, needs=("window",)) if number == 3 else one for number, one in enumerate(plan.steps)]
    link = FakeLink(replace(plan, preflight=True, inputs=inputs, steps=tuple(steps)), run)
    link.state.start.update(
        git={
            "repository": "git@git.example.org:cloud/runbooks.git",
            "path": "nova.md",
            "commit": "2f1c9a8e41d2b7c6a1e0",
            "branch": "havana",
            "signature": {
                "status": "good",
                "principal": "alice@example.org",
                "key": "k",
                "signers": "operator",
            },
            "author": "Alice",
            "authored": "2026-11-19",
            "changes": [{"path": "inventory.yaml", "state": "changed", "added": 2, "removed": 1}],
        },
        overlaps=["the run 20261120T150000Z-ceph of 'Ceph' goes on on 3 of these hosts: cp[01-03]"],
    )
    link.ask()
    return link


def approval(run: Path) -> FakeLink:
    """One of two signatures is there."""
    link = at_update(run, gate="approve", approvers=2, role="dba")
    link.state.plan = replace(link.state.plan, roles={"dba": ("bob", "carol")})
    link.state.run = "20261120T160000Z-nova-grizzly-to-havana"
    link.ask()
    link.tell("gate.approve", gate=2, by="bob@example.org", key="k", sig="s")
    return link


def value(run: Path) -> FakeLink:
    """A release is asked for."""
    return _input(run, RELEASE)


def secret(run: Path) -> FakeLink:
    """A password is asked for."""
    return _input(run, PASSWORD)


def _input(run: Path, one: PlannedInput) -> FakeLink:
    first, update, last = steps()
    plan = plan_of([first, replace(update, needs=(one.name,)), last], "Nova, Grizzly to Havana", (one,))
    link = FakeLink(plan, run)
    link.ask()
    link.say(Answer.GO)
    link.finish(0)
    link.ask()
    return link


def typed(run: Path) -> FakeLink:
    """The number of hosts is to be typed; there is no way back."""
    link = at_update(run, gate="typed", no_rollback="the schema of the database only goes forward")
    link.ask()
    return link


def unknown(run: Path) -> FakeLink:
    """The run's process died: two hosts are unknown, one more has failed."""
    link = at_update(run)
    link.ask()
    link.say(Answer.GO)
    link.begin(1)
    for host in HOSTS[:9]:
        link.exit(1, host, printed=b"Complete!\n", took=SECOND // 10)
    link.exit(
        1, "cp10", "failed", b"No space left on device\n", why="exit 1: No space left on device", code=1
    )
    link.tell("run.resume", by="alice")
    link.tell("host.unknown", turn=1, hosts=["cp11", "cp12"], why="the run's process died while it ran")
    link.ask()
    return link


def checked(run: Path) -> FakeLink:
    """The check failed on three hosts."""
    link = at_update(run)
    link.ask()
    link.say(Answer.GO)
    link.begin(1)
    for host in HOSTS:
        link.exit(1, host, printed=b"Complete!\n", took=SECOND // 10)
    link.tell("round.end", turn=1)
    link.begin(1, "check")
    for host in HOSTS:
        bad = host in HOSTS[4:7]
        link.exit(
            1,
            host,
            "failed" if bad else "ok",
            b"inactive\n" if bad else b"active\n",
            why="exit 3" * bad,
            code=3 * bad,
        )
    link.tell("round.end", turn=1)
    link.ask()
    return link


def left_out(run: Path) -> FakeLink:
    """All is done but for two hosts that were left out."""
    link = checked(run)
    link.say(Answer.LEAVE_OUT, "disks on order", hosts=["cp05", "cp06"])
    link.ask()
    link.say(Answer.BY_HAND, "restarted it", hosts=["cp07"])
    link.finish(1, "by-hand")
    link.ask()
    link.say(Answer.GO)
    link.begin(2, hosts=link.state.turns[2].live())
    for host in link.state.turns[2].live():
        link.exit(2, host, took=SECOND // 10)
    link.finish(2)
    link.ask()
    return link


def again(run: Path) -> FakeLink:
    """The update was done, and the operator jumped back to it."""
    link = left_out(run)
    link.tell("jump", turns=[1], to="update-the-packages", how="again", by="alice", reason="a new build")
    link.ask()
    return link


def trying(run: Path) -> FakeLink:
    """Stand between two tries."""
    link = at_update(run, until=True, every=30.0, read_only=True)
    link.begin(1)
    for host in HOSTS:
        link.exit(1, host, "failed" if host == "cp03" else "ok", code=1, why="exit 1", took=SECOND // 10)
    link.tell("round.end", turn=1)
    return link


def batch(run: Path) -> FakeLink:
    """Stand between two batches: one host failed, one printed something else, one was slow."""
    first, update, last = steps()
    names = (HOSTS[:4], HOSTS[4:])
    rolled = replace(update, batches=names)
    link = FakeLink(plan_of([first, rolled, last], "Nova, Grizzly to Havana"), run)
    link.ask()
    link.say(Answer.GO)
    link.finish(0)
    link.ask()
    link.say(Answer.GO)
    link.begin(1)
    for host, printed in zip(
        names[0], (b"Complete!\n", b"Complete!\n", b"Nothing to do\n", b""), strict=True
    ):
        state = "failed" if not printed else "ok"
        link.exit(
            1,
            host,
            state,
            printed,
            took=SECOND * 4 if host == "cp02" else SECOND,
            why="exit 1" * (not printed),
        )
    link.tell("round.end", turn=1)
    link.ask()
    link.say(Answer.LEAVE_OUT, "no power")
    link.finish(1, "ok")
    link.ask()
    return link


def edited(run: Path) -> FakeLink:
    """The update's command is not the document's."""
    link = at_update(run)
    script = UPDATE.replace("yum -y update", "yum -y --disablerepo=epel update")
    link.tell("deviation", turn=1, step="update", what="edit", hosts=[], reason="epel is down", by="alice")
    link.tell("edit", number=1, step="update", script=script, diff="", by="alice", reason="epel is down")
    link.ask()
    return link


def paused(run: Path) -> FakeLink:
    """The run rests."""
    link = edited(run)
    link.tell("run.pause", why="lunch until 13:00, bob has the pager", by="alice")
    return link


SCENES: dict[str, Callable[[Path], FakeLink]] = {
    scene.__name__: scene
    for scene in (
        start,
        approval,
        value,
        secret,
        typed,
        unknown,
        checked,
        left_out,
        again,
        trying,
        batch,
        edited,
        paused,
    )
}
