"""`gonogo new`: a runbook that can be checked and run, and nothing overwritten."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from gonogo.cli import app
from gonogo.errors import GonogoError
from gonogo.executors.lab import Lab
from gonogo.format.load import load
from gonogo.format.spell import differences
from gonogo.hosts import load_inventory, resolve
from tests.program import ran

GONOGO = str(Path(sys.executable).parent / "gonogo")
Gonogo = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def gonogo(tmp_path: Path) -> Gonogo:
    """Run the program without a terminal, in the test's own folder."""

    def call(*words: str, before: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        return ran(*before, GONOGO, *words, cwd=tmp_path)

    return call


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_both_spellings_pass_the_check_and_are_one_runbook(gonogo: Gonogo, tmp_path: Path) -> None:
    """The ending chooses the spelling; title, hosts, batches and the outage are those that were given."""
    words = ("--title", 'Shop: "new" <b>', "--hosts", "web,api[0:2]", "--batch", "2,50%", "--service", "shop")
    for name in ("a.md", "a.yaml"):
        (tmp_path / "inventory.ini").unlink(missing_ok=True)
        done = gonogo("new", name, *words)
        assert done.returncode == 0, done.stderr
        assert f"wrote inventory.ini\nwrote {name}\n" in done.stdout
        assert f"gonogo check {name}\n" in done.stdout
        done = gonogo("check", "--strict", name)
        assert (done.returncode, done.stdout) == (0, "1 file: no problems\n")
    one, other = (load(tmp_path / name).runbook for name in ("a.md", "a.yaml"))
    assert dict(differences(one, other)) == {}
    assert one.title == 'Shop: "new" <b>'
    rolling = one.children[1].rolling  # type: ignore[union-attr]
    assert rolling is not None
    assert (rolling.hosts, rolling.batch) == ("web,api[0:2]", ("2", "50%"))
    outage = [(step.options.outage_begin, step.options.outage_end) for _, step in one.steps()]
    assert ("shop", None) in outage
    assert (None, "shop") in outage
    assert len(resolve("web,api[0:2]", load_inventory([tmp_path / "inventory.ini"]))) == 15


def test_a_title_names_the_file_and_a_file_the_title(gonogo: Gonogo, tmp_path: Path) -> None:
    """Without a FILE the title says what it is called, without a title the FILE's words are it."""
    assert gonogo("new", "--title", "New web servers!", "--yaml").returncode == 0
    assert gonogo("new", "drain-the_cell.md", "--hosts", "all").returncode == 0
    assert _files(tmp_path) == ["drain-the_cell.md", "inventory.ini", "new-web-servers.yaml"]
    assert load(tmp_path / "drain-the_cell.md").runbook.title == "Drain the cell"


def test_an_inventory_that_is_there_is_used(gonogo: Gonogo, tmp_path: Path) -> None:
    """A given inventory is named relative to the runbook and never written; its patterns must resolve."""
    (tmp_path / "sites").mkdir()
    (tmp_path / "books").mkdir()
    inventory = tmp_path / "sites/cern"
    inventory.write_text("[compute]\ncp[1:9]\n")
    done = gonogo("new", "books/a.md", "-i", "sites/cern", "--hosts", "compte")
    assert done.returncode == 2
    assert "Did you mean 'compute'?" in done.stderr
    assert "The inventory has: compute." in gonogo("new", "books/a.md", "-i", "sites/cern").stderr
    assert gonogo("new", "books/a.md", "-i", "sites/cern", "--hosts", "compute:!cp3").returncode == 0
    assert load(tmp_path / "books/a.md").runbook.inventory == "../sites/cern"
    assert gonogo("check", "--strict", "books/a.md").returncode == 0
    assert inventory.read_text() == "[compute]\ncp[1:9]\n"
    assert _files(tmp_path / "books") == ["a.md"]


def test_nothing_is_overwritten(gonogo: Gonogo, tmp_path: Path) -> None:
    """A file that is there, a link to nowhere too, is left as it is."""
    (tmp_path / "a.md").write_text("mine")
    (tmp_path / "b.md").symlink_to(tmp_path / "nowhere")
    for name in ("a.md", "b.md"):
        done = gonogo("new", name)
        assert done.returncode == 2
        assert "nothing is overwritten" in done.stderr
    assert (tmp_path / "a.md").read_text() == "mine"
    assert _files(tmp_path) == ["a.md", "b.md"]


def test_a_write_that_fails_leaves_nothing(gonogo: Gonogo, tmp_path: Path) -> None:
    """When the second file cannot be written whole, neither is there."""
    done = gonogo("new", "a.md", before=("sh", "-c", 'ulimit -f 1; exec "$@"', "sh"))
    assert done.returncode == 2
    assert "a.md cannot be written" in done.stderr
    assert _files(tmp_path) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "no title"),
        (("a.txt",), "no spelling"),
        (("a.md", "--yaml"), "ends as Markdown"),
        (("no/a.md",), "No such file or directory"),
        (("a.md", "--title", "x\ny"), "no title"),
        (("a.md", "--title", "\x1b[2J"), "no title"),
        (("a.md", "--title", "x" * 300), "no title"),
        (("a.md", "--batch", "0"), "no batch size"),
        (("a.md", "--batch", "150%"), "no batch size"),
        (("a.md", "--hosts", "-oProxyCommand=x"), "no example inventory"),
        (("a.md", "--hosts", "web:!db"), "no example inventory"),
        (("a.md", "--hosts", "$(id)"), "no example inventory"),
        (("a.md", "--hosts", ""), "pattern is empty"),
        (("a.md", "--service", "$(id)"), "no unit's name"),
        (("a.md", "--service", "-x"), "no unit's name"),
        (("a.md", "-i", "nowhere"), "No such file"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    """Each wrong word is an error with exit code 2 and a mend, and there is no file."""
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["new", *words])
    assert isinstance(done.exception, GonogoError)
    assert said in done.exception.what
    assert done.exception.exit_code == 2
    assert done.exception.mend
    assert "\x1b" not in str(done.exception)
    assert _files(tmp_path) == []


class _Terminal:
    """The program on a terminal of its own."""

    def __init__(self, folder: Path, *words: str) -> None:
        self._ours, theirs = pty.openpty()
        environment = {**os.environ, "TERM": "dumb"}
        self.process = subprocess.Popen(
            [GONOGO, *words],
            cwd=folder, stdin=theirs, stdout=theirs, stderr=theirs, env=environment,
            # Its own terminal: Ctrl-C becomes a signal there.
            preexec_fn=lambda: os.login_tty(0),  # noqa: PLW1509
        )  # fmt: skip
        os.close(theirs)
        self.said = ""

    def answer(self, question: str, answer: str) -> None:
        """Wait until the program asks, and answer."""
        while question not in self.said:
            assert self._more(), self.said
        self.said = self.said.partition(question)[2]
        os.write(self._ours, answer.encode())

    def end(self, key: str = "") -> int:
        """Read to the end, pressing a key in every second of silence; return the exit code."""
        while True:
            if key and not select.select([self._ours], [], [], 1)[0]:
                # Python can miss a Ctrl-C that comes just before it begins to read.
                os.write(self._ours, key.encode())
            elif not self._more():
                break
        os.close(self._ours)
        return self.process.wait(30)

    def _more(self) -> bool:
        assert select.select([self._ours], [], [], 30)[0], self.said
        try:
            data = os.read(self._ours, 4096)
        except OSError:
            return False
        self.said += data.decode()
        return bool(data)


def test_in_a_terminal_it_asks_and_asks_again(tmp_path: Path) -> None:
    """What no option says is asked for, with a default; a wrong answer is told and asked for again."""
    terminal = _Terminal(tmp_path, "new", "--service", "-")
    terminal.answer("called?", "\n")
    terminal.answer("called?", "Drain a cell\n")
    terminal.answer("changed? [web]", "cell$\n")
    terminal.answer("Name a group", "")
    terminal.answer("changed? [web]", "cell1\n")
    terminal.answer("[1,10,100%]", "150%\n")
    terminal.answer("[1,10,100%]", "\n")
    assert terminal.end() == 0
    assert "wrote drain-a-cell.md" in terminal.said
    assert list(load_inventory([tmp_path / "inventory.ini"]).groups["cell1"])
    assert _files(tmp_path) == ["drain-a-cell.md", "inventory.ini"]


@pytest.mark.parametrize("key", ["\x03", "\x04"])
def test_leaving_a_question_writes_nothing(tmp_path: Path, key: str) -> None:
    """Ctrl-C and the end of input end it with 130; with --defaults nothing is asked."""
    terminal = _Terminal(tmp_path, "new", "a.md")
    terminal.answer("called? [A]", "\n")
    terminal.answer("changed? [web]:", key)
    assert terminal.end(key) == 130
    assert _files(tmp_path) == []
    assert _Terminal(tmp_path, "new", "a.md", "--defaults").end() == 0
    assert _files(tmp_path) == ["a.md", "inventory.ini"]


def test_what_it_writes_goes_through_unchanged(lab: Lab, environment: dict[str, str], tmp_path: Path) -> None:
    """The example's commands can be rehearsed as they are: every step is done on hosts of a lab."""
    for words in (
        ["new", "a.md", "-i", "hosts.ini", "--hosts", "web", "--batch", "1,100%"],
        ["run", "a.md", "-i", str(lab.inventory), "--yes", "--plain"],
    ):
        done = subprocess.run(
            [GONOGO, *words],
            cwd=tmp_path, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
    assert "GO: all steps are done" in done.stdout
