"""A rehearsal from Home: who leaves it finds its hosts again."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from .test_byhand_keyboard import PATIENCE, Sit, sit

__all__ = ["sit"]
RUNBOOK = """\
---
gonogo: 1
title: Small upgrade
inventory: inventory.yaml
---

```sh {hosts=all}
touch /tmp/done
```
"""


def test_the_hosts_of_a_rehearsal_that_was_left_stay_up(sit: Sit, tmp_path: Path) -> None:
    """The run waits, and Home comes back to it; what ends its hosts is said."""
    (tmp_path / ".git").mkdir()
    (tmp_path / "long.md").unlink()
    (tmp_path / "inventory.yaml").write_text("all: {hosts: {web1: }}\n")
    (tmp_path / "small.md").write_text(RUNBOOK)
    with sit(sys.executable, "-m", "gonogo", columns=100, TERM="xterm-256color") as sat:
        sat.walk((b"Small upgrade", b"\t"), (b"simulated hosts", b"2"), (b"Start", b"d"))
        said = sat.read_until(b"goes back")
        os.kill(int(said.rpartition(b"kill ")[2].partition(b"`")[0]), 0)
        os.write(sat.keyboard, b"\n")
        home = sat.read_until(b"Waiting for you")
        if b"1 warning" not in home:  # all of it was read
            sat.read_until(b"1 warning")
        os.write(sat.keyboard, b"\x1b")
        assert sat.program.wait(PATIENCE) == 0
