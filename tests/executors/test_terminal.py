"""The system's own ssh in a terminal, to a real sshd; and sudo with a password there and elsewhere."""

from __future__ import annotations

import asyncio
import os
import pty
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from gonogo.errors import ExecutorError
from gonogo.executors.local import LocalExecutor
from gonogo.executors.ssh import SshExecutor
from gonogo.run.ports import Ended, Exit, Job, Target, Terminal
from tests.executors.conftest import Heard
from tests.sshd import Sshd


def _sit(argv: Sequence[str], typed: bytes) -> tuple[int, bytes]:
    """Run a program on a new terminal, and type this whenever it asks something."""
    pid, terminal = pty.fork()
    if pid == 0:
        try:
            os.execvp(argv[0], list(argv))
        finally:
            os._exit(127)
    seen = b""
    while True:
        try:
            data = os.read(terminal, 4096)
        except OSError:
            break
        seen += data
        if data.rstrip().endswith((b"?", b"$", b"#")):
            os.write(terminal, typed)
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), seen


def _job(target: Target, script: str, **more: str) -> Job:
    return Job((target,), script, **more)  # type: ignore[arg-type]


SCRIPT = """test -t 0 && test -t 1
printf '%s, who? ' "$greeting"
read -r name
echo "hello $name" >"$file"
exit 4
"""


@pytest.fixture(params=["local", "ssh"])
async def way(
    request: pytest.FixtureRequest, ssh: SshExecutor, target: Callable[..., Target], tmp_path: Path
) -> tuple[LocalExecutor | SshExecutor, Target]:
    """Each executor, and a host that it reaches."""
    made = target("a", greeting="it's `odd` $HOME", file=str(tmp_path / "file"))
    return (LocalExecutor() if request.param == "local" else ssh), made


@pytest.mark.parametrize("language", ["sh", "bash"])
async def test_a_script_has_the_operators_terminal(
    way: tuple[LocalExecutor | SshExecutor, Target], language: str, tmp_path: Path
) -> None:
    """It reads what is typed, finds its values, and its exit code comes back; no argument tells it."""
    executor, host = way
    terminal = await executor.terminal(_job(host, SCRIPT, language=language))
    assert not [word for word in terminal.argv if "who?" in word or "odd" in word]
    code, seen = await asyncio.to_thread(_sit, terminal.argv, b"ann\n")
    assert code == 4, seen
    assert b"it's `odd` $HOME, who? " in seen
    assert (tmp_path / "file").read_text() == "hello ann\n"


async def test_the_file_of_a_script_is_gone_when_it_runs(
    way: tuple[LocalExecutor | SshExecutor, Target], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing stays behind, whether it ran or nobody ran it."""
    folder = tmp_path / "kept"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    executor, host = way
    names = Target(host.name, host.connection, {"TMPDIR": str(folder)})
    terminal = await executor.terminal(_job(names, f"ls -A {folder} | wc -l"))
    await asyncio.to_thread(_sit, terminal.argv, b"")
    assert list(folder.iterdir()) == []
    terminal = await executor.terminal(_job(names, "true"))
    assert terminal.drop is not None
    await terminal.drop()
    assert list(folder.iterdir()) == []
    code, _ = await asyncio.to_thread(_sit, terminal.argv, b"")
    assert code not in (0, terminal.lost)


async def test_a_python_script_has_the_terminal_too(
    way: tuple[LocalExecutor | SshExecutor, Target], tmp_path: Path
) -> None:
    """Another interpreter's script comes from a file as well, so that its input is the terminal."""
    executor, host = way
    script = "import os, sys\nname = input('who? ')\nopen(os.environ['file'], 'w').write(name)\nsys.exit(6)\n"
    terminal = await executor.terminal(_job(host, script, language="python"))
    code, seen = await asyncio.to_thread(_sit, terminal.argv, b"bob\n")
    assert (code, (tmp_path / "file").read_text()) == (6, "bob"), seen


async def test_a_shell_is_reached_as_everything_else(ssh: SshExecutor, target: Callable[..., Target]) -> None:
    """With the executor's key and trust: the shell's exit code comes back."""
    terminal = ssh.shell(target())
    code, seen = await asyncio.to_thread(_sit, terminal.argv, b"exit 5\n")
    assert code == 5, seen


@pytest.mark.parametrize("hops", [[2], [2, 1]])
async def test_a_shell_goes_through_jump_hosts_with_the_same_key_and_trust(
    ssh: SshExecutor, sshd: Sshd, hops: list[int]
) -> None:
    """Each jump host is logged in to with the executor's key, and its host key is in the executor's files."""
    jumps = ",".join(f"{sshd.addresses[one]}:{sshd.port}" for one in hops)
    variables = sshd.variables(sshd.addresses[3]) | {"ansible_ssh_common_args": f"-J {jumps}"}
    terminal = ssh.shell(Target("a", variables))
    code, seen = await asyncio.to_thread(_sit, terminal.argv, b"exit 5\n")
    assert code == 5, seen


async def test_an_untrusted_host_gets_no_terminal(
    ssh: SshExecutor, target: Callable[..., Target], tmp_path: Path
) -> None:
    """The system's ssh checks the host's key as strictly."""
    (tmp_path / "nobody").touch()
    made = target()
    more = {**made.connection, "ansible_ssh_common_args": f"-o UserKnownHostsFile={tmp_path / 'nobody'}"}
    stranger = Target("a", more)
    with pytest.raises(ExecutorError, match="no file for the script"):
        await ssh.terminal(_job(stranger, "true"))
    terminal = ssh.shell(stranger)
    code, seen = await asyncio.to_thread(_sit, terminal.argv, b"exit 0\n")
    assert code == terminal.lost == 255
    assert b"Host key verification failed" in seen


PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def user(need: Callable[[str, str], str]) -> Iterator[str]:
    """A user who may use sudo with a password, on this machine."""
    need("sudo", "sudo")
    need("useradd", "passwd")
    if os.geteuid() != 0:
        pytest.skip("only root can make a user who needs a password for sudo")
    name = f"gonogo-test-{os.getpid()}"
    rules = Path(f"/etc/sudoers.d/{name}")
    subprocess.run(["useradd", "-M", "-d", "/tmp", name], check=True)
    try:
        subprocess.run(["chpasswd"], input=f"{name}:{PASSWORD}", text=True, check=True)
        rules.write_text(f"{name} ALL=(ALL) ALL\nDefaults:{name} timestamp_timeout=0\n")
        rules.chmod(0o440)
        yield name
    finally:
        rules.unlink(missing_ok=True)
        subprocess.run(["userdel", name], check=False)


def _as(user: str, argv: Sequence[str]) -> list[str]:
    return ["setpriv", f"--reuid={user}", "--clear-groups", f"--regid={user}", *argv]


@pytest.mark.parametrize(("password", "code"), [(PASSWORD, 0), ("wrong one", 1)])
def test_sudo_gets_its_password_and_the_script_its_values(user: str, password: str, code: int) -> None:
    """Both on standard input only; a wrong password runs nothing."""
    from gonogo.executors.script import command_line, standard_input

    job = Job((), 'echo "$(id -un) $value"; cat', run_as="root", become_password=password)
    done = subprocess.run(
        _as(user, ["sh", "-c", command_line(job)]),
        input=standard_input(job, {"value": "it's\nodd $x"}),
        capture_output=True,
        check=False,
    )
    assert (done.returncode == 0) == (code == 0), done.stderr
    assert done.stdout.decode() == ("root it's\nodd $x\n" if code == 0 else "")
    assert PASSWORD not in command_line(job)


async def test_sudo_asks_at_the_terminal(user: str, tmp_path: Path) -> None:
    """An interactive step under another user asks the operator for the password, and runs as that user."""
    made = await LocalExecutor().terminal(
        Job((Target("a", {}, {"value": "odd's"}),), 'test -t 0; echo "$(id -un) $value"', run_as="root")
    )
    shutil.chown(made.argv[4], user)
    argv = ["sudo", "-p", "password?", *made.argv[made.argv.index("sudo") + 1 :]]
    terminal = Terminal((*made.argv[: made.argv.index("sudo")], *argv))
    code, seen = await asyncio.to_thread(_sit, _as(user, terminal.argv), PASSWORD.encode() + b"\n")
    assert code == 0, seen
    assert b"root odd's" in seen
    assert PASSWORD.encode() not in seen


async def test_one_host_of_many_is_ended(
    ssh: SshExecutor, target: Callable[..., Target], marker: Path
) -> None:
    """`cancel` ends one host's command with all its processes; the others go on."""
    heard = Heard()
    targets = tuple(target(name, number, me=name) for number, name in enumerate("ab"))
    script = f'touch {marker}.$me; while test ! -e {marker}; do sleep 0.02; done; test "$me" = a || sleep 600'
    work = asyncio.create_task(ssh.run(Job(targets, script), heard))
    while not all(Path(f"{marker}.{name}").exists() for name in "ab"):
        await asyncio.sleep(0.01)
    ssh.cancel("b")
    ssh.cancel("nobody")
    while "b" not in heard.ends:
        await asyncio.sleep(0.01)
    assert "a" not in heard.ends
    marker.touch()
    await work
    assert heard.ends["a"] == Exit(Ended.EXIT, 0)
    assert heard.ends["b"].how is Ended.CANCELLED
