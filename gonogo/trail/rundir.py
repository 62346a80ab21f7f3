"""Run directories: where they are, how one is made, what a valid one looks like."""

from __future__ import annotations

import os
import re
import stat
from datetime import UTC, datetime
from pathlib import Path

from gonogo.errors import TrailError, UsageError

FREE = 64 << 20
"""Bytes that must be free to start a run."""
_PLAN = re.compile(r"plan(?:-(\d{1,4}))?\.json")


def runs_directory() -> Path:
    """Return `$GONOGO_RUNS`, else `$XDG_STATE_HOME/gonogo/runs`, else `~/.local/state/gonogo/runs`."""
    if given := os.environ.get("GONOGO_RUNS"):
        return Path(given).expanduser().absolute()
    state = os.environ.get("XDG_STATE_HOME") or "~/.local/state"
    return Path(state).expanduser().absolute() / "gonogo" / "runs"


def create_run(title: str, plan: bytes, sources: tuple[tuple[str, bytes], ...]) -> Path:
    """Make a new run directory with the exact bytes that will run; raise TrailError if it can't be."""
    runs = runs_directory()
    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:40] or "run"
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{slug}"
    try:
        runs.mkdir(mode=0o700, parents=True, exist_ok=True)
        check_directory(runs)
        _check_space(runs)
        run = _make(runs, name)
        (run / "output").mkdir(mode=0o700)
        (run / "runbook").mkdir(mode=0o700)
        _write(run / ".gitattributes", b"* -text -merge\n")
        _write(run / "runbook" / "plan.json", plan)
        for number, (path, data) in enumerate(sources, 1):
            _write(run / "runbook" / source_name(number, path), data)
    except OSError as error:
        raise TrailError(
            f"{runs}: a run directory cannot be made: {error.strerror}",
            "Name a place that can be written with GONOGO_RUNS=DIR.",
        ) from None
    return run


def _make(runs: Path, name: str) -> Path:
    for number in range(1, 1000):
        run = runs / (name if number == 1 else f"{name}-{number}")
        try:
            run.mkdir(mode=0o700)
        except FileExistsError:
            continue
        return run
    raise TrailError(f"{runs / name}: too many runs began in this second")


def check_directory(path: Path) -> None:
    """Raise TrailError when others could have written in a directory, or have it lead elsewhere."""
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):
        why, mend = (
            "it is a symbolic link, so another may choose where the trail goes",
            f"Name {path.resolve()}.",
        )
    elif not stat.S_ISDIR(found.st_mode):
        why, mend = "it is no directory", "Name a directory."
    elif found.st_uid != os.geteuid():
        why, mend = "it belongs to somebody else", "Name a directory of your own."
    elif found.st_mode & stat.S_IWOTH and not found.st_mode & stat.S_ISVTX:
        why, mend = "anybody can write there, so a trail in it proves nothing", f"chmod o-w {path}"
    else:
        return
    raise TrailError(f"{path}: {why}", f"{mend} GONOGO_RUNS=DIR says where runs are kept.")


def _check_space(runs: Path) -> None:
    space = os.statvfs(runs)
    if space.f_bavail * space.f_frsize < FREE:
        raise TrailError(
            f"{runs}: {space.f_bavail * space.f_frsize >> 20} MiB are free, {FREE >> 20} MiB are needed",
            "Free some space, or name another disk with GONOGO_RUNS=DIR.",
        )


def source_name(number: int, path: str) -> str:
    """Return the name under `runbook/` of the `number`th source, counted from 1."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", Path(path).name)[-80:] or "source"
    return f"{number:02d}-{safe}"


def add_plan(run: Path, plan: bytes, sources: tuple[tuple[str, bytes], ...]) -> tuple[str, list[str]]:
    """Put a later plan and what it was made of beside the first one; return their names under `runbook/`.

    Nothing that is there is changed. Raise TrailError when they cannot be written.
    """
    folder = run / "runbook"
    number = 1 + max(
        (int(found[1] or 1) for found in map(_PLAN.fullmatch, os.listdir(folder)) if found), default=1
    )
    before = count_sources(run)
    names = [source_name(before + at, path) for at, (path, _) in enumerate(sources, 1)]
    try:
        for name, (_, data) in zip(names, sources, strict=True):
            _write(folder / name, data)
        _write(folder / f"plan-{number}.json", plan)
    except OSError as error:
        raise TrailError(f"{folder}: the new plan cannot be written: {error.strerror}") from None
    return f"plan-{number}.json", names


def count_sources(run: Path) -> int:
    """Return how many documents a run's directory holds; the next one gets the number after it."""
    numbers = (re.match(r"(\d+)-", name) for name in os.listdir(run / "runbook"))
    return max((int(found[1]) for found in numbers if found), default=0)


def _write(path: Path, data: bytes) -> None:
    flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def find_run(name: str) -> Path:
    """Return the run directory that `name` means: a path, a run's name, a part of it, `last` or `open`."""
    path = Path(name)
    # os.path.exists takes names of any length and finds that they are not there.
    if path.name == "audit.jsonl" and os.path.isfile(path):
        return path.absolute().parent
    if os.path.exists(path / "audit.jsonl"):
        return path.absolute()
    runs = list_runs()
    if not runs and name in ("last", "open"):
        mend = "`gonogo run FILE` starts one. GONOGO_RUNS=DIR says where runs are kept."
        raise UsageError(f"there is no run in {runs_directory()}", mend)
    found = runs[-1:] if name in ("last", "open") else [run for run in runs if run.name == name]
    if name == "open":
        # With none that is open, the last one says how it ended.
        found = [run for run in runs if not is_over(run)][-1:] or found
    found = found or [run for run in runs if name in run.name]
    if len(found) == 1:
        return found[0]
    if found:
        names = "\n  ".join(run.name for run in found[-8:])
        raise UsageError(f"{name!r} means more than one run:\n  {names}", "Give more of the name.")
    raise UsageError(f"there is no run {name!r} in {runs_directory()}", "`gonogo runs` lists them.")


def is_over(run: Path) -> bool:
    """Tell whether a run has ended: its trail is closed to writing then."""
    try:
        return not (run / "audit.jsonl").stat().st_mode & stat.S_IWUSR
    except OSError:
        return True


def list_runs() -> list[Path]:
    """Return all run directories, oldest first."""
    try:
        found = [entry for entry in runs_directory().iterdir() if (entry / "audit.jsonl").is_file()]
    except OSError:
        return []
    return sorted(found, key=lambda run: run.name)
