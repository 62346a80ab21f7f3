"""20,000 hosts: how long reading their inventory and resolving patterns takes, and `ansible-inventory`."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .measure import Row, Way, compared, interleave, milliseconds

HOSTS, CELLS = 20_000, 200
PATTERNS = (
    "all", "compute:!cell007", "compute:&rack3", "cell[000-199]-n[001-050]", "~cell1.*-n0[1-4]", "*-n042",
    "compute[100:199]",
)  # fmt: skip


def inventory() -> str:
    """Give an INI inventory of 200 cells with 100 hosts each, racks across them, and variables."""
    size = HOSTS // CELLS
    cells = [f"[cell{n:03}]\ncell{n:03}-n[001:{size:03}] rack=r{n % 5}\n" for n in range(CELLS)]
    children = "".join(f"cell{n:03}\n" for n in range(CELLS))
    racks = [f"[rack{r}]\n" + "".join(f"cell{n:03}-n{r + 1:03}\n" for n in range(CELLS)) for r in range(5)]
    plain = f"[compute:children]\n{children}[compute:vars]\nansible_user=ops\n"
    return "".join([*cells, plain, *racks])


def rows() -> list[Row]:
    """Compare loading and resolving in this process with a start of `ansible-inventory --list`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hosts"
        path.write_text(inventory())
        path.with_name("ansible.cfg").touch()
        ours, listed, theirs = interleave([_ours(path), _command(path), _ansible(path)], rounds=3)
    own = statistics.median(ours)
    what = f"{HOSTS} hosts: load, resolve {len(PATTERNS)} patterns"
    whole = compared(f"{HOSTS} hosts: gonogo hosts all", listed, "ansible-inventory --list", theirs, 0.5)
    return [Row(what, milliseconds(own), "", None, "< 1 s", own < 1), whole]


def _ours(path: Path) -> Way:
    from gonogo.hosts import load_inventory, resolve

    def way() -> float:
        begun = time.perf_counter()
        found = load_inventory([path])
        chosen = [resolve(pattern, found) for pattern in PATTERNS]
        taken = time.perf_counter() - begun
        assert len(chosen[0]) == HOSTS
        assert all(chosen)
        return taken

    return way


def _command(path: Path) -> Way:
    program = Path(sys.executable).parent / "gonogo"
    return _timed(path.parent, str(program), "hosts", "all", "--list", "-i", str(path))


def _ansible(path: Path) -> Way:
    program = Path(sys.executable).parent / "ansible-inventory"
    return _timed(path.parent, str(program), "-i", str(path), "--list")


def _timed(folder: Path, *words: str) -> Way:
    # Whatever ansible.cfg and caches the user has would be measured too.
    environment = {**os.environ, "ANSIBLE_CONFIG": os.path.join(folder, "ansible.cfg"), "LC_ALL": "C.UTF-8"}

    def way() -> float:
        begun = time.perf_counter()
        subprocess.run(
            words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
        )
        return time.perf_counter() - begun

    return way
