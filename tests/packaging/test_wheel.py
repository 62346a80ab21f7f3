"""The wheel and the sdist hold the whole program, each file once, and run where no checkout is."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from gonogo import __version__

UV = Path(sys.executable).parent / "uv"
ROOMS = ("executors", "tui", "runbooks")
LITTER = {"__pycache__", ".mypy_cache", ".ruff_cache", ".DS_Store"}


@dataclass(frozen=True)
class Built:
    """A wheel from the checkout, an sdist, and a wheel from that sdist."""

    wheel: Path
    sdist: Path
    again: Path


def run(*command: str | Path, cwd: Path | None = None, **more: str) -> str:
    """Run a program away from this environment; give its stdout, or fail with all it said."""
    env = {k: v for k, v in os.environ.items() if k not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    env |= {"UV_PYTHON_DOWNLOADS": "never", "NO_COLOR": "1", **more}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=cwd,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def one(folder: Path, pattern: str) -> Path:
    """Give the only file that matches."""
    (found,) = folder.glob(pattern)
    return found


@pytest.fixture(scope="session")
def built(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """Build once: the wheel from the checkout, the sdist, and the wheel from the sdist alone."""
    out = tmp_path_factory.mktemp("dist")
    build = (UV, "build", "--quiet", "--python", sys.executable)
    run(*build, "--wheel", "--out-dir", out, root, cwd=out)
    run(*build, "--sdist", "--out-dir", out, root, cwd=out)
    sdist = one(out, "*.tar.gz")
    run(*build, "--wheel", "--out-dir", out / "again", sdist, cwd=out)
    return Built(one(out, "*.whl"), sdist, one(out / "again", "*.whl"))


def program_files(root: Path) -> set[str]:
    """Give every file of the program as it must lie in a wheel, from the folders on disk."""
    files = set()
    for folder in ("gonogo", *ROOMS):
        under = "" if folder == "gonogo" else "gonogo/"
        for here, folders, names in os.walk(root / folder):
            folders[:] = [name for name in folders if name not in LITTER]
            relative = Path(here).relative_to(root)
            files |= {f"{under}{relative / name}" for name in names if not name.endswith((".pyc", ".pyo"))}
    return {name for name in files if Path(name).name not in LITTER}


def wheel_files(wheel: Path) -> set[str]:
    """Give the names in a wheel, without its metadata."""
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert len(names) == len(set(names)), "a name is held twice"
    return {name for name in names if ".dist-info/" not in name}


def modules(files: set[str]) -> list[str]:
    """Give the dotted names of the Python modules that can be imported."""
    names = (name.removesuffix(".py").removesuffix("/__init__") for name in files if name.endswith(".py"))
    return sorted(name.replace("/", ".") for name in names if all(p.isidentifier() for p in name.split("/")))


def test_wheel_is_whole(root: Path, built: Built) -> None:
    """A wheel from the checkout holds every file of the four folders and nothing else."""
    assert wheel_files(built.wheel) == program_files(root)


def test_wheel_from_sdist_is_the_same(built: Built) -> None:
    """A wheel built from the sdist alone has the same files, bytes and modes."""

    def members(wheel: Path) -> dict[str, tuple[int, int]]:
        with zipfile.ZipFile(wheel) as archive:
            return {
                item.filename: (item.CRC, item.external_attr >> 16 & 0o111)
                for item in archive.infolist()
                if ".dist-info/" not in item.filename
            }

    assert members(built.again) == members(built.wheel)


def test_sdist_holds_each_file_once(built: Built) -> None:
    """The sdist has the real folders at its top and none of them a second time through the links."""
    with tarfile.open(built.sdist) as archive:
        names = [member.name.partition("/")[2] for member in archive.getmembers()]
    assert len(names) == len(set(names))
    assert not [name for name in names if name.startswith(tuple(f"gonogo/{room}" for room in ROOMS))]
    for wanted in ("executors/__init__.py", "tui/__init__.py", "LICENSE", "Makefile", "uv.lock"):
        assert wanted in names


def test_executable_files_stay_executable(root: Path, built: Built) -> None:
    """A script that is executable in the checkout is so in the wheel."""
    with zipfile.ZipFile(built.wheel) as archive:
        modes = {item.filename: item.external_attr >> 16 for item in archive.infolist()}
    for name in program_files(root):
        on_disk = root / name if (root / name).exists() else root / name.removeprefix("gonogo/")
        assert bool(modes[name] & 0o100) == bool(on_disk.stat().st_mode & 0o100), name


@pytest.mark.parametrize("kind", ["wheel", "sdist"])
def test_installed_alone_it_imports_and_runs(kind: str, built: Built, tmp_path: Path) -> None:
    """In an empty venv every module imports, from there, and the demo goes through to a whole trail."""
    python = tmp_path / "venv" / "bin" / "python"
    run(UV, "venv", "--quiet", "--python", sys.executable, tmp_path / "venv", cwd=tmp_path)
    package = built.wheel if kind == "wheel" else built.sdist
    run(
        UV, "pip", "install", "--quiet", "--python", python, f"gonogo[rst] @ {package.as_uri()}", cwd=tmp_path
    )
    names = modules(wheel_files(built.wheel))
    code = (
        "import importlib, sys\n"
        "for name in sys.argv[1:]:\n"
        "    assert importlib.import_module(name).__file__.startswith(sys.prefix), name\n"
    )
    run(python, "-c", code, *(name for name in names if not name.endswith("__main__")), cwd=tmp_path)
    gonogo = python.parent / "gonogo"
    assert run(gonogo, "--version", cwd=tmp_path) == f"gonogo, version {__version__}\n"
    runs = tmp_path / "runs"
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    said = run(gonogo, "demo", cwd=tmp_path, GONOGO_RUNS=str(runs), TMPDIR=str(scratch))
    assert list(scratch.iterdir()) == []
    (trail,) = runs.glob("*/audit.jsonl")
    assert str(trail) in said
    run(gonogo, "verify", trail.parent, cwd=tmp_path)
