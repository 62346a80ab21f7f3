"""`gonogo new --repo`: a repository whose checks pass as they are, and nothing overwritten."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from gonogo.cli import app, template
from gonogo.errors import GonogoError
from gonogo.trail.signers import load_signers

BIN = Path(sys.executable).parent
ROOT = Path(__file__).parents[2]
TRAILS = ROOT / "tests/data/trails/v1"
ADDRESS = "https://git.example.org/ops/gonogo.git"


def _call(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a program in a folder, with git and gonogo of this environment and no git settings."""
    environment = {
        **os.environ,
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
        "PRE_COMMIT_HOME": str(folder.parent / ".pre-commit"),
    }
    return subprocess.run(
        words,
        cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
        check=False,
    )  # fmt: skip


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A new repository, all of it added in git."""
    done = _call(tmp_path, "gonogo", "new", "--repo", "ops", "--origin", ADDRESS)
    assert done.returncode == 0, done.stderr
    assert "wrote ops/first-change.md\n" in done.stdout
    folder = tmp_path / "ops"
    for words in (("init", "-q"), ("add", "--all")):
        assert _call(folder, "git", *words).returncode == 0
    return folder


def _steps(repository: Path) -> dict[str, dict[str, Any]]:
    workflow = yaml.safe_load((repository / ".github/workflows/runbooks.yaml").read_text())
    return {step["name"]: step for step in workflow["jobs"]["check"]["steps"] if "name" in step}


def test_its_workflow_passes_and_finds_a_mistake(repository: Path) -> None:
    """The workflow's own command accepts what was written, in git, and annotates a mistake."""
    command = _steps(repository)["Check the runbooks"]["run"]
    done = _call(repository, "bash", "-e", "-o", "pipefail", "-c", command)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    runbook = repository / "first-change.md"
    runbook.write_text(runbook.read_text().replace("hosts=web", "hosts=wbe", 1))
    done = _call(repository, "bash", "-e", "-o", "pipefail", "-c", command)
    assert done.returncode != 0
    assert done.stdout.startswith("::error file=first-change.md,")


def test_its_workflow_verifies_runs_and_checks_none(repository: Path) -> None:
    """Committed runs are verified, a changed one is refused; the runbooks that they keep are not checked."""
    steps = _steps(repository)
    shutil.copytree(TRAILS / "complete", repository / "runs/complete")
    verify = steps["Verify the runs"]["run"]
    assert verify == "gonogo verify runs/"
    done = _call(repository, *verify.split())
    assert (done.returncode, done.stdout[:9]) == (0, "complete:")
    (repository / "runs/complete/runbook").mkdir(exist_ok=True)
    (repository / "runs/complete/runbook/x.md").write_text("---\ngonogo: 1\nbad: key\n---\n")
    _call(repository, "git", "add", "--all")
    assert _call(repository, "bash", "-c", steps["Check the runbooks"]["run"]).returncode == 0
    trail = repository / "runs/complete/audit.jsonl"
    trail.chmod(0o600)
    trail.write_bytes(trail.read_bytes().replace(b'"go"', b'"no"', 1))
    assert _call(repository, *verify.split()).returncode == 4


def test_its_hook_checks_what_is_committed(repository: Path) -> None:
    """pre-commit runs the gonogo that is installed, and nothing is fetched; runs are left out."""
    run = ("pre-commit", "run", "--all-files", "--color=never")
    done = _call(repository, *run)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert "Passed" in done.stdout
    kept = repository / "runs/a/runbook/01-a.md"
    kept.parent.mkdir(parents=True)
    kept.write_text("---\ngonogo: 1\nbad: key\n---\n")
    _call(repository, "git", "add", "--all")
    assert _call(repository, *run).returncode == 0
    runbook = repository / "first-change.md"
    runbook.write_text(runbook.read_text().replace("hosts=web", "hosts=wbe", 1))
    done = _call(repository, *run)
    assert done.returncode == 1
    assert "first-change.md" in done.stdout


def test_its_hook_is_the_one_that_others_can_name() -> None:
    """The hook of this project and the one that is written pass the same files to the same command."""
    [ours] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    [source] = yaml.safe_load(template._HOOKS)["repos"]
    [written] = source["hooks"]
    assert (written["id"], written["files"]) == (ours["id"], ours["files"])
    assert written["entry"] == ours["entry"].replace("check", "check --strict")


def test_its_workflow_names_no_revision_that_may_not_be_there(repository: Path) -> None:
    """A tag that nobody made would keep every push from passing."""
    assert _steps(repository)["Install gonogo"]["run"] == f'pip install "gonogo @ git+{ADDRESS}"'


def test_git_changes_no_byte_of_a_run(repository: Path) -> None:
    """Line ends in a run stay as they are, even where its own .gitattributes is missing."""
    asked = ("check-attr", "text", "merge", "--", "runs/a/audit.jsonl", "first-change.md")
    told = _call(repository, "git", *asked).stdout.splitlines()
    assert told[:2] == ["runs/a/audit.jsonl: text: unset", "runs/a/audit.jsonl: merge: unset"]
    assert told[2] == "first-change.md: text: auto"


def test_its_signers_are_comments(repository: Path) -> None:
    """The example keys let nobody sign, and the file has no mistake."""
    signers = load_signers(repository / "allowed_signers")
    assert (signers.entries, signers.problems) == ((), ())


def test_where_gonogo_comes_from_is_never_guessed(tmp_path: Path) -> None:
    """Not known, it is a name that no machine can have, and that is said."""
    done = _call(tmp_path, "gonogo", "new", "--repo", "ops")
    assert done.returncode == 0
    assert "where gonogo comes from" in done.stdout
    assert "git+https://git.example.com/" in (tmp_path / "ops/.github/workflows/runbooks.yaml").read_text()
    named = _call(
        tmp_path, "gonogo", "new", "--repo", "other", "--origin", "https://git.example.com/gonogo.git"
    )
    assert "where gonogo comes from" not in named.stdout


def test_an_inventory_that_is_there_is_used(tmp_path: Path) -> None:
    """In a folder that has an inventory, the runbook uses it, and its bytes stay."""
    (tmp_path / "inventory.ini").write_text("[compute]\ncp[1:9]\n")
    words = ("--hosts", "compute", "--title", "Drain a cell", "--yaml")
    assert _call(tmp_path, "gonogo", "new", "--repo", ".", *words).returncode == 0
    assert _call(tmp_path, "gonogo", "check", "--strict", "drain-a-cell.yaml").returncode == 0
    assert (tmp_path / "inventory.ini").read_text() == "[compute]\ncp[1:9]\n"


@pytest.mark.parametrize(
    "taken",
    ["README.md", ".pre-commit-config.yaml", ".github/CODEOWNERS", "runs/.gitkeep", "first-change.md"],
)
def test_nothing_is_overwritten(tmp_path: Path, taken: str) -> None:
    """One file that is there, and none is written."""
    mine = tmp_path / "ops" / taken
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    done = _call(tmp_path, "gonogo", "new", "--repo", "ops")
    assert done.returncode == 2
    assert "nothing is overwritten" in done.stderr
    assert (_files(tmp_path), mine.read_text()) == ([f"ops/{taken}"], "mine")


def test_no_link_leads_out(tmp_path: Path) -> None:
    """A folder of the repository that is a link is not written through."""
    (tmp_path / "ops").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "ops/.github").symlink_to(tmp_path / "elsewhere")
    assert _call(tmp_path, "gonogo", "new", "--repo", "ops").returncode == 2
    assert _files(tmp_path) == []


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """When a file cannot be written whole, neither files nor folders are there."""
    done = _call(tmp_path, "sh", "-c", "ulimit -f 1; gonogo new --repo a/ops")
    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--repo", "ops", "a.md"), "two things"),
        (("--repo", "file"), "cannot be"),
        (("--repo", "ops", "--origin", "git@example.org:x"), "no address"),
        (("--repo", "ops", "--origin", 'https://x"; id'), "no address"),
        (("--repo", "ops", "--hosts", "$(id)"), "no example inventory"),
        (("a.md", "--origin", ADDRESS), "without --repo"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    """Each wrong word is an error with exit code 2 and a mend, and there is no file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").touch()
    done = CliRunner().invoke(app, ["new", *words])
    assert isinstance(done.exception, GonogoError), done.output
    assert said in done.exception.what
    assert done.exception.exit_code == 2
    assert done.exception.mend
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file"]
