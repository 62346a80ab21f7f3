"""What only looks, monitors and tests: names that mean nothing, commands that plainly change something."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from gonogo.near import nearest
from gonogo.text import clean_line

from ..model import Kind, Severity
from .programs import bare
from .whole import At, Block, Whole

_ALWAYS = frozenset(
    re.findall(
        r"\S+",
        "rm rmdir mv cp ln dd mkfs wipefs shred truncate chmod chown chgrp mkdir touch kill killall pkill "
        "reboot shutdown poweroff halt useradd userdel usermod groupadd groupdel chpasswd mkswap "
        "swapoff swapon umount insmod rmmod modprobe lvremove lvcreate vgremove pvremove",
    )
)
"""Programs that change something whatever they are told."""
_VERBS: dict[str, str] = {
    "systemctl": "start stop restart reload try-restart reload-or-restart enable disable mask unmask kill "
    "isolate daemon-reload set-property reboot poweroff halt edit",
    "service": "start stop restart reload force-reload",
    "apt": "install remove purge upgrade full-upgrade autoremove update",
    "apt-get": "install remove purge upgrade dist-upgrade autoremove update",
    "yum": "install remove erase update upgrade downgrade reinstall autoremove distro-sync",
    "dnf": "install remove erase update upgrade downgrade reinstall autoremove distro-sync",
    "zypper": "install in remove rm update up dup",
    "pip": "install uninstall",
    "docker": "run start stop restart kill rm rmi pull create update",
    "podman": "run start stop restart kill rm rmi pull create update",
    "kubectl": "apply create delete edit patch replace scale drain cordon uncordon rollout",
    "ip": "add del delete set flush",
    "virsh": "start shutdown destroy reboot undefine migrate",
    "git": "commit push checkout reset pull merge rebase clean",
    "openstack": "set unset create delete add remove start stop reboot migrate evacuate rebuild resize lock "
    "unlock pause suspend resume shelve unshelve",
    "nova-manage": "sync online_data_migrations map_cell0 map_instances discover_hosts",
    "keystone-manage": "db_sync bootstrap fernet_rotate fernet_setup",
    "cinder-manage": "sync",
    "glance-manage": "db_sync sync upgrade expand migrate contract",
    "rabbitmqctl": "stop stop_app start_app reset force_reset delete_queue purge_queue",
    "ceph": "set unset rm create delete enable disable out in",
    "pcs": "enable disable move ban clear create delete standby unstandby",
}
"""Programs with the words among their arguments that make them change something."""
_INLINE = frozenset({"-i", "--in-place"})


def check_looking(whole: Whole) -> None:
    """Report tests that are none, and monitors and tests that change something."""
    _names(whole)
    tests = {id(step): (above, step) for above, step in whole.runbook.tests()}
    for at in tests.values():
        _test(whole, at)
    blocks = [block for found in whole.blocks for block in found if id(block.step) in tests]
    for block in (one for one in blocks if one.role == "run"):
        _changes(whole, block, "test")
    for (block,) in whole.watching:
        _changes(whole, block, "monitor")
        _late(whole, block)


def _names(whole: Whole) -> None:
    known = {step.id for _, step in whole.steps} | {one.id for above, _ in whole.steps for one in above}
    for named in whole.runbook.test_plan:
        if named.id not in known:
            near = nearest(named.id, sorted(known))
            mend = f"Did you mean {clean_line(near)!r}?" if near else "`gonogo show` lists the ids."
            message = f"the test plan names {named.id!r}, and no step or section is called so"
            whole.problems.error(named.place, "unknown-test", message, mend, len(named.id))


def _test(whole: Whole, at: At) -> None:
    """Report why a step of the test plan cannot run in a round, at the step."""
    step = at[1]
    options = step.options
    whys = (
        (step.kind is not Kind.RUN, "asks a person, or waits", "Name steps that run a command."),
        (not options.read_only, "may change something", "Mark it read-only, if it only looks."),
        (options.interactive, "wants the operator's terminal", "Take `interactive` out."),
        (step.test and bool(options.capture or options.capture_keys), "captures something", "Take it out."),
        (step.test and step.rollback is not None, "has a rollback", "Take it out: a test changes nothing."),
    )
    for is_so, what, mend in whys:
        if is_so:
            message = f"{clean_line(step.title)!r} is in the test plan, but {what}"
            whole.problems.error(step.place, "no-test", message, mend)
            return


def _late(whole: Whole, block: Block) -> None:
    """A monitor looks from the run's start on: what is asked for later has no value by then."""
    words = set(re.findall(r"\w+", block.script.text))
    for one in whole.runbook.inputs:
        if one.ask == "reached" and one.name in words:
            message = f"the monitor {clean_line(block.step.title)!r} uses {one.name}, asked for when reached"
            whole.problems.error(block.step.place, "bad-value", message, "Ask for it at the start.")


def _changes(whole: Whole, block: Block, what: str) -> None:
    if block.shell is None:
        return
    for command in block.shell.commands:
        words = bare(command.words)
        if not words or command.in_function:
            continue
        given = [word.text for word in words[1:]]
        if _is_changing(posixpath.basename(words[0].text), given):
            _told(whole, block, what, Severity.ERROR, (words[0].start, words[-1].end))
    for start, file in block.shell.writes:
        if not file.text.startswith("/dev/") and "$" not in file.text and "`" not in file.text:
            # It may be the monitor's own note of its last look.
            _told(whole, block, what, Severity.WARNING, (start, file.end))


def _told(whole: Whole, block: Block, what: str, severity: Severity, span: tuple[int, int]) -> None:
    """Report a place that plainly changes something."""
    start, end = span
    told = clean_line(block.script.text[start:end])[:60]
    message = f"the {what} {clean_line(block.step.title)!r} changes something: {told}"
    mend = "Only look: what changes something is a step of the run."
    whole.in_block(block, start, end - start, severity, "changes", message, mend)


def _is_changing(name: str, given: Sequence[str]) -> bool:
    if name in _ALWAYS or name.startswith("mkfs."):
        return not {"--help", "--version", "-0"} & set(given)
    if name in ("sed", "perl"):
        return any(word in _INLINE or word.startswith(("-i.", "--in-place=")) for word in given)
    verbs = _VERBS.get(name, "").split()
    return any(word in verbs for word in given if not word.startswith("-"))
