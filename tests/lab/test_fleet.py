"""Hosts of the lab behave as hosts do, each by itself."""

from __future__ import annotations

import asyncio
import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from gonogo.executors.lab import Lab
from gonogo.executors.lab.isolate import why_not
from gonogo.executors.script import command_line, standard_input
from gonogo.hosts import load_inventory
from gonogo.run.ports import Job
from tests.lab.fleet import fleet, journal, login, ran, said

HOSTS = [f"h{number:02}" for number in range(1, 51)]
SCENARIO = """
hosts:
  - hosts: all
    kernel: 5.14.0-1
    packages: {kernel: 5.14.0-1, nova: 1.0-1}
    updates: {kernel: 5.14.0-2, nova: 1.0-10}
    repositories: {extra: {nova: 2.0-1}}
    services: {nova: active, old: inactive disabled}
    files: {/etc/nova/nova.conf: "debug = false"}
answers:
  - hosts: h02
    command: greet
    script: echo "hello $1 from $(hostname)"
"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """Fifty hosts, shared by the tests of this file; each test has hosts of its own."""
    with fleet(tmp_path_factory.mktemp("fleet"), HOSTS, SCENARIO) as made:
        yield made


@pytest.fixture
def isolated(lab: Lab) -> Lab:
    """The lab, where the machine can isolate its hosts."""
    if not lab.ready.isolated:
        pytest.skip(lab.ready.why)
    return lab


async def test_every_host_takes_the_key_and_shows_its_own(lab: Lab) -> None:
    """Fifty hosts answer with their own names to a client that checks fifty different host keys."""
    names = await asyncio.gather(*(said(lab, name, "hostname") for name in HOSTS))
    assert names == HOSTS
    keys = [line.split()[2] for line in (lab.directory / "known_hosts").read_text().splitlines()]
    assert len(set(keys)) == len(HOSTS)


async def test_a_foreign_key_is_not_taken(lab: Lab, tmp_path: Path) -> None:
    """Only the lab's key logs in."""
    port = int(load_inventory([lab.inventory]).hosts["h01"].vars["ansible_port"])
    with pytest.raises(asyncssh.PermissionDenied):
        await asyncssh.connect(
            "127.0.0.1", port, username="root", agent_path=None, config=None,
            client_keys=[asyncssh.generate_private_key("ssh-ed25519")],
            known_hosts=str(lab.directory / "known_hosts"),
        )  # fmt: skip


async def test_the_papers_are_for_others_too(lab: Lab) -> None:
    """The private key is readable by its owner alone, and ssh itself takes the configuration."""
    assert (lab.directory / "id_lab").stat().st_mode & 0o777 == 0o600
    shown = await asyncio.to_thread(
        subprocess.run,
        ["ssh", "-F", str(lab.directory / "ssh_config"), "h09", "hostname; exit 9"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (shown.stdout, shown.returncode) == ("h09\n", 9)


async def test_services_are_each_hosts_own_and_stay(lab: Lab) -> None:
    """A service that is stopped on one host stays stopped there, and runs elsewhere."""
    await ran(lab, "h03", "systemctl stop nova")
    assert await said(lab, "h03", "systemctl is-active nova") == "inactive"
    assert await said(lab, "h04", "systemctl is-active nova") == "active"
    assert (await ran(lab, "h03", "systemctl is-active --quiet nova")).exit_status == 3
    assert (await ran(lab, "h03", "systemctl start nothing")).exit_status == 5


async def test_packages_come_from_repositories_that_are_there(lab: Lab) -> None:
    """An update takes the newest version that a configured repository offers."""
    assert await said(lab, "h05", "rpm -q nova") == "nova-1.0-1"
    await ran(lab, "h05", "yum -y update nova")
    assert await said(lab, "h05", "rpm -q nova") == "nova-1.0-10"
    if lab.ready.isolated:
        await ran(lab, "h05", "touch /etc/yum.repos.d/extra.repo && yum -y update 'no*'")
        assert await said(lab, "h05", "rpm -q nova") == "nova-2.0-1"
    assert (await ran(lab, "h05", "rpm -q none")).exit_status == 1
    assert (await ran(lab, "h05", "yum -y install none")).exit_status == 1


async def test_a_downgrade_takes_an_update_back(lab: Lab) -> None:
    """What was installed before the last update is there again; where there was none, nothing is done."""
    await ran(lab, "h08", "yum -y update nova")
    assert await said(lab, "h08", "yum -y downgrade nova") == "Downgraded: nova 1.0-10 -> 1.0-1"
    assert await said(lab, "h08", "rpm -q nova") == "nova-1.0-1"
    assert "cannot downgrade" in await said(lab, "h08", "dnf -y downgrade nova")
    assert (await ran(lab, "h08", "yum -y downgrade none")).exit_status == 1


async def test_a_reboot_brings_the_new_kernel_and_ends_connections(lab: Lab) -> None:
    """After an update and a reboot uname tells the new kernel; enabled services run, disabled ones do not."""
    await ran(lab, "h06", "systemctl stop nova; systemctl start old; yum -y update kernel")
    assert await said(lab, "h06", "uname -r") == "5.14.0-1"
    async with login(lab, "h06") as connection:
        assert (await connection.run("reboot")).exit_status == 0
        await connection.wait_closed()
    assert await said(lab, "h06", "uname -r") == "5.14.0-2"
    assert await said(lab, "h06", "systemctl is-active nova") == "active"
    assert await said(lab, "h06", "systemctl is-active old") == "inactive"


async def test_a_host_has_programs_of_its_own(lab: Lab) -> None:
    """A scenario's answer is a program on its hosts and on no other."""
    assert await said(lab, "h02", "greet you") == "hello you from h02"
    assert (await ran(lab, "h01", "greet you")).exit_status == 127


async def test_exit_codes_signals_and_streams_pass(lab: Lab) -> None:
    """Exit codes, the signal that ended a command, both streams and bytes of any kind arrive as they are."""
    done = await ran(lab, "h07", "printf 'a\\377\\0b'; printf e >&2; exit 42", encoding=None)
    assert (done.stdout, done.stderr, done.exit_status) == (b"a\xff\0b", b"e", 42)
    killed = await ran(lab, "h07", "kill -TERM $$")
    assert killed.exit_signal is not None
    assert killed.exit_signal[0] == "TERM"


async def test_input_and_much_output_pass(lab: Lab) -> None:
    """Megabytes go in and come out unchanged, however slowly they are taken."""
    data = os.urandom(1 << 20) * 8
    done = await ran(lab, "h08", "cat", input=data, encoding=None)
    assert done.stdout == data


async def test_a_signal_from_the_client_reaches_the_command(lab: Lab) -> None:
    """A client's TERM ends the command's whole process group."""
    async with login(lab, "h10") as connection:
        process = await connection.create_process("echo up; sleep 1000 | sleep 1000")
        await process.stdout.readline()
        process.send_signal("TERM")
        done = await process.wait()
    assert done.exit_signal is not None
    assert done.exit_signal[0] == "TERM"


async def test_a_command_outlives_its_connection(lab: Lab) -> None:
    """As with sshd, a connection that goes away leaves the command running to its end."""
    async with login(lab, "h11") as connection:
        process = await connection.create_process("echo up; read -r line; echo done >$HOME/done")
        await process.stdout.readline()
        connection.abort()
    async with asyncio.timeout(20):
        while await said(lab, "h11", "cat $HOME/done 2>/dev/null") != "done":
            pass


async def test_sudo_reads_a_password_only_when_told_to(lab: Lab) -> None:
    """With -S the first line is the password; with -n all of the input is the command's."""
    asked = await ran(lab, "h12", "sudo -S -p '' -u nova -- cat", input="secret\nrest\n")
    assert asked.stdout == "rest\n"
    plain = await ran(lab, "h12", "exec sudo -n -u root -- sh -c 'cat; exit 3'", input="first\n")
    assert (plain.stdout, plain.exit_status) == ("first\n", 3)


async def test_paths_are_the_hosts_own(isolated: Lab) -> None:
    """What is written to an absolute path lands in the host's root; the machine stays as it is."""
    await ran(isolated, "h13", "echo mine >/etc/gonogo-lab-test; echo x >/usr/gonogo-lab-test")
    assert (
        await said(isolated, "h13", "cat /etc/gonogo-lab-test /etc/nova/nova.conf") == "mine\ndebug = false"
    )
    assert (isolated.directory / "hosts" / "h13" / "etc" / "gonogo-lab-test").read_text() == "mine\n"
    assert not Path("/etc/gonogo-lab-test").exists()
    assert not Path("/usr/gonogo-lab-test").exists()
    assert (await ran(isolated, "h14", "cat /etc/gonogo-lab-test")).exit_status == 1
    assert (await ran(isolated, "h14", "echo : >/lab/bin/uname")).exit_status != 0


async def test_hosts_have_no_network_and_see_no_foreign_process(isolated: Lab) -> None:
    """A rehearsal reaches no port of this machine, not even the lab's, and none of its processes."""
    port = load_inventory([isolated.inventory]).hosts["h01"].vars["ansible_port"]
    probe = f"python3 -c 'import socket; socket.create_connection((\"127.0.0.1\", {port}), 5)' 2>&1"
    assert "Connection refused" in await said(isolated, "h15", probe)
    seen = await said(isolated, "h15", "cat /proc/[0-9]*/cmdline | tr '\\0' '\\n'")
    assert "gonogo" in seen  # the lab itself
    assert Path("/proc/self/cmdline").read_text().replace("\0", "\n") not in seen


async def test_a_terminal_is_there_when_it_is_asked_for(lab: Lab) -> None:
    """A login shell on a terminal runs, and knows the terminal's size."""
    async with login(lab, "h16") as connection:
        process = await connection.create_process(term_type="xterm", term_size=(99, 33))
        process.stdin.write("stty size; exit 5\n")
        shown = await process.stdout.read()
        done = await process.wait()
    assert "33 99" in shown
    assert done.exit_status == 5


async def test_the_journal_tells_what_ran_without_values(lab: Lab) -> None:
    """Each command is written down with host, hash, first line and exit, without secrets."""
    script = "\n# first\necho hi; exit 4\n"
    job = Job((), script)
    sent = standard_input(job, {"word": "it's secret"}).decode()
    done = await ran(lab, "h17", command_line(job), input=sent)
    assert (done.stdout, done.exit_status) == ("hi\n", 4)
    lines = [line for line in await journal(lab, 1) if (line["host"], line["exit"]) == ("h17", 4)]
    assert lines[0]["sha256"] == hashlib.sha256(script.encode()).hexdigest()
    assert (lines[0]["first"], lines[0]["exit"]) == ("# first", 4)
    assert "secret" not in lab.journal.read_text()


def test_stopping_leaves_nothing_behind(tmp_path: Path) -> None:
    """No process, no mount and none of the lab's files outlive it, even with a command that will not end."""
    with fleet(tmp_path, ["one", "two"]) as made:
        mark = f"sleep 98{os.getpid()}"
        asyncio.run(ran(made, "two", "true"))
        asyncio.run(_leave_running(made, mark))
        assert _running(mark)
        # The inventory's path is in the command lines of all of the lab's own processes.
        assert _running(str(made.directory))
    assert not _running(mark)
    assert not _running(str(tmp_path))
    if sys.platform.startswith("linux"):
        assert str(tmp_path) not in Path("/proc/self/mountinfo").read_text()
    assert [entry.name for entry in made.directory.iterdir()] == ["journal.jsonl"]


def test_a_killed_lab_leaves_no_process(tmp_path: Path) -> None:
    """When the lab's first process is killed outright, the others go with it."""
    with fleet(tmp_path, ["one"]) as made:
        mark = f"sleep 97{os.getpid()}"
        asyncio.run(_leave_running(made, mark))
        made.process.kill()
        made.process.wait()
        # Nothing tells the end of processes that are not our children: look again, as long as it takes.
        tries = 0
        while (_running(mark) or _running(str(made.directory))) and tries < 500:
            tries += 1
        assert tries < 500


async def _leave_running(lab: Lab, command: str) -> None:
    async with login(lab, "one") as connection:
        process = await connection.create_process(f"echo up; trap '' TERM HUP; {command}")
        await process.stdout.readline()


def _running(part: str) -> bool:
    shown = subprocess.run(["ps", "-axww", "-o", "args="], capture_output=True, text=True, check=True)
    return any(part in line for line in shown.stdout.splitlines())


async def test_without_isolation_hosts_still_have_their_state(tmp_path: Path) -> None:
    """Where it is asked for, commands run unisolated, with the host's own state and home."""
    with fleet(tmp_path, ["one", "two"], "hosts:\n  - services: {nova: active}\n", isolated=False) as made:
        assert not made.ready.isolated
        assert await said(made, "two", "hostname; uname -n; cd; pwd; systemctl is-active nova") == (
            f"two\ntwo\n{made.directory}/hosts/two/root\nactive"
        )
        await ran(made, "one", "puppet agent --disable why; systemctl stop nova")
        assert (await ran(made, "one", "puppet agent --test")).exit_status == 1
        assert (await ran(made, "two", "puppet agent --test")).exit_status == 0


def test_isolation_is_found_by_trying(tmp_path: Path) -> None:
    """Whether the machine isolates is told without changing this process."""
    before = os.getuid()
    first = why_not(tmp_path)
    assert first == why_not(tmp_path)
    assert os.getuid() == before


@pytest.mark.parametrize("released", [False, True])
def test_a_lab_ends_with_whoever_started_it(tmp_path: Path, released: bool) -> None:
    """Its parent's death ends a lab, also a violent one; unless it was let go of before."""
    (tmp_path / "hosts.ini").write_text("one\n")
    inventory, folder = tmp_path / "hosts.ini", tmp_path / "lab"
    program = (
        "import os, signal; from pathlib import Path; from gonogo.executors.lab import start\n"
        f"lab = start(Path({str(inventory)!r}), None, Path({str(folder)!r}), isolated=False)\n"
        f"{'lab.release()' if released else ''}\n"
        "print(lab.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    if released:
        assert _running(str(folder))
        os.kill(int(done.stdout), signal.SIGTERM)
    tries = 0
    while _running(str(folder)) and tries < 500:
        tries += 1
    assert tries < 500
