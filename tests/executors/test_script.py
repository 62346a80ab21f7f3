"""How a script travels, in every shell that may meet it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gonogo.errors import ExecutorError
from gonogo.executors.script import CANCEL, command_line, standard_input
from gonogo.run.ports import Job

LOGIN = {
    "sh": "dash",
    "bash": "bash",
    "zsh": "zsh",
    "tcsh": "tcsh",
    "fish": "fish",
    "ksh": "ksh",
}


@pytest.fixture(params=["sh", "bash", "zsh", "tcsh", "fish", "ksh"])
def login(request: pytest.FixtureRequest, need: Callable[[str, str], str]) -> str:
    """Each login shell that may read the command line."""
    if request.param in ("sh", "bash"):
        return need(request.param, LOGIN[request.param])
    found = subprocess.run(
        ["which", request.param], capture_output=True, text=True, check=False
    ).stdout.strip()
    if not found:
        pytest.skip(f"{request.param} is missing: apt-get install {LOGIN[request.param]}")
    return str(found)


def _run(login: str, job: Job, data: bytes | None = None) -> subprocess.CompletedProcess[bytes]:
    """Run with the end of the input right behind the script: that means nothing."""
    data = standard_input(job, {"V": "a'b\\c!d $e\n"}) if data is None else data
    return subprocess.run(
        [login, "-c", command_line(job)],
        input=data,
        capture_output=True,
        check=False,
        start_new_session=True,
        timeout=20,
    )


def test_every_login_shell_reads_it_alike(login: str) -> None:
    """The command line means the same to each, and values and exit code come through."""
    done = _run(login, Job((), 'printf %s "$V"; exit 3'))
    assert (done.returncode, done.stdout) == (3, b"a'b\\c!d $e\n")


@pytest.mark.parametrize("language", ["sh", "bash", "zsh", "ksh", "bash -u"])
def test_a_script_may_wait_for_its_children(language: str) -> None:
    """`wait` waits for the script's own children and for nothing of ours."""
    program = language.split(maxsplit=1)[0]
    if not os.access(f"/bin/{program}", os.X_OK):
        pytest.skip(f"{program} is missing: apt-get install {program}")
    done = _run("/bin/sh", Job((), "(exit 0) & wait; echo done", language))
    assert done.stdout == b"done\n", done.stderr


@pytest.mark.parametrize(
    "more", ["", "é\u0100\u2063", "x" * 3000, "\r\f"], ids=["plain", "utf-8", "long", "control"]
)
@pytest.mark.parametrize("language", ["sh", "bash", "ksh", "zsh", "bash -u"])
def test_a_script_arrives_as_it_is(language: str, more: str) -> None:
    """Blank lines, leading and trailing white space, backslashes and any other character come through."""
    if not (program := shutil.which(language.split(maxsplit=1)[0])):
        pytest.skip(f"{language} is missing: apt-get install {LOGIN[language]}")
    text = f"  two\tspaces \\\n\n\\n $(id) `id` ' \" gonogo{more}\n \n"
    done = _run(program, Job((), f"cat <<'EOF'\n{text}EOF", language))
    assert (done.stdout, done.stderr) == (text.encode(), b"")


@pytest.mark.parametrize("letter", ["o", "ö"])
@pytest.mark.parametrize("language", ["sh", "bash", "python"])
def test_a_script_that_arrives_cut_is_not_run(language: str, letter: str) -> None:
    """When the connection breaks while the script is sent, no part of it runs."""
    job = Job((), f"echo one\necho two{letter}\n", language)
    whole = standard_input(job, {})
    for end in range(len(whole)):
        if end % 7 == 0 or end > len(whole) - 4:
            done = _run("/bin/sh", job, whole[:end])
            assert done.stdout == b""
            assert done.returncode == 125


def test_lines_before_the_header_are_skipped() -> None:
    """A password that sudo did not ask for never reaches the script, whatever it looks like."""
    job = Job((), "cat; echo ok")
    done = _run("/bin/sh", job, b"pa*s \\ (w'ord $(id)\n" + standard_input(job, {}))
    assert done.stdout == b"ok\n"


def test_a_line_ends_everything() -> None:
    """After the cancel line the command and its children are gone, TERM or not."""
    job = Job((), "trap '' TERM; sleep 41.5 & echo $!; wait; sleep 41.5")
    process = subprocess.Popen(
        ["sh", "-c", command_line(job)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(standard_input(job, {}))
    process.stdin.flush()
    child = int(process.stdout.readline())
    process.stdin.write(CANCEL)
    process.stdin.flush()
    assert process.wait() == -signal.SIGKILL
    assert process.stdout.read() == b""  # the child held it open until it was killed
    while Path(f"/proc/{child}").exists():  # until init has taken it away
        pass
    process.stdin.close()
    process.stdout.close()


def test_no_secret_in_the_command_line() -> None:
    """The command line is the same whatever the script, values and password are."""
    one = Job((), "echo 1", run_as="root", become_password="hush-1")
    other = Job((), "echo 2", run_as="root", become_password="hush-2")
    assert command_line(one) == command_line(other)
    assert "\n" not in command_line(one)
    assert standard_input(one, {}).startswith(b"hush-1\ngonogo ")


@pytest.mark.parametrize("name", ["", "1A", "A-B", "A=B", "A B", "A\n"])
def test_a_bad_name_is_refused(name: str) -> None:
    """Only the names of shell variables travel."""
    with pytest.raises(ExecutorError, match="no name of a variable"):
        standard_input(Job((), "true"), {name: "x"})


def test_bytes_that_are_no_text_travel() -> None:
    """A value read from a file name keeps bytes that are not UTF-8; half a character is refused."""
    data = standard_input(Job((), "true"), {"V": b"\xff\xfe".decode("utf-8", "surrogateescape")})
    assert b"V='\xff\xfe'" in data
    with pytest.raises(ExecutorError, match="half a character"):
        standard_input(Job((), "true"), {"V": "\ud800"})


def test_a_password_with_a_line_break_is_refused() -> None:
    """It would be two lines, and the second one could look like a header."""
    with pytest.raises(ExecutorError) as caught:
        standard_input(Job((), "true", run_as="root", become_password="a\ngonogo 1"), {})
    assert "gonogo 1" not in str(caught.value)
