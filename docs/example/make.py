# ruff: noqa: INP001 - a script beside what it makes, in no package
"""Makes what lies beside it: runs the example on the lab, rehearsal and evening, and writes their reports.

    python docs/example/make.py FOLDER
    python docs/example/make.py

FOLDER is new and becomes a repository of runbooks with the runs in it; runs and reports are then copied here.
Without it only the reports are made anew, from the runs that lie here. Nobody edits them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from gonogo.executors.lab import start as start_lab

HERE = Path(__file__).resolve().parent
REPORTS = ("report.html", "report.md", "report.cast", "comparison.md", "comparison.html")
SHARED = ("update.md", "inventory.yaml", "evening.yaml")


def gonogo(folder: Path, *words: str) -> str:
    """Run the program in the folder as Alice; return what it printed."""
    own = {"GONOGO_RUNS": str(folder / "runs"), "LOGNAME": "alice", "TERM": "dumb", "TZ": "Europe/Zurich"}
    command = [sys.executable, "-m", "gonogo", *words]
    done = subprocess.run(
        command, cwd=folder, env=os.environ | own, check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def git(folder: Path, *words: str) -> None:
    """Run git there, as Alice."""
    alice = ("-c", "user.name=Alice", "-c", "user.email=alice@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *alice, *words], cwd=folder, check=True, capture_output=True)


def run(folder: Path, key: Path, *more: str) -> str:
    """Run the runbook on fresh simulated hosts; return the run's name."""
    lab = start_lab(folder / "inventory.yaml", HERE / "lab.yaml", folder / "lab")
    try:
        given = ("-i", str(lab.inventory), "--yes", "--sign-key", str(key), *more)
        gonogo(folder, "run", "update.md", *given)
    finally:
        lab.stop()
        shutil.rmtree(folder / "lab", ignore_errors=True)
    return max(entry.name for entry in (folder / "runs").iterdir())


def make(folder: Path) -> None:
    """Make the folder, and the runs in it; copy them here."""
    folder.mkdir(parents=True)
    for name in SHARED:
        shutil.copy(HERE / name, folder / name)
    key = folder.with_name(f"{folder.name}.key")
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "alice", "-f", key], check=True)
    public = key.with_suffix(".key.pub").read_text().rsplit(" ", 1)[0]
    (folder / "allowed_signers").write_text(f'alice@example.org namespaces="audit@gonogo" {public}\n')
    git(folder, "init", "-b", "main")
    git(folder, "add", "-A")
    git(folder, "commit", "-m", "Update Nova")
    rehearsal = run(folder, key, "--limit", "control:cp[1-3]")
    evening = run(folder, key, "--answers", str(folder / "evening.yaml"))
    gonogo(folder, "runs", "pack", rehearsal, evening)
    shutil.rmtree(HERE / "runs", ignore_errors=True)
    shutil.copytree(folder / "runs", HERE / "runs")
    shutil.copy(folder / "allowed_signers", HERE / "allowed_signers")
    for path in (key, key.with_suffix(".key.pub")):
        path.unlink()


def reports(folder: Path) -> None:
    """Make the reports of the runs that lie here."""
    rehearsal, evening = sorted(entry.name for entry in (HERE / "runs").iterdir())
    for name in REPORTS:
        words = ("compare", rehearsal, evening) if name.startswith("comparison") else ("report", evening)
        gonogo(HERE, *words, "-o", str(folder / name), "--force")


if __name__ == "__main__":
    if sys.argv[1:]:
        make(Path(sys.argv[1]).absolute())
    reports(HERE)
