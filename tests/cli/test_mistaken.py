"""What check finds, handed to the screens."""

from __future__ import annotations

import hashlib
from pathlib import Path

from gonogo.cli.mistaken import of_run

BOOK = """---
gonogo: 1
title: Small
---

```sh {hosts=web}
systemctl restart $service
```
"""


def test_a_run_s_runbook_is_checked_as_it_stood_then(tmp_path: Path) -> None:
    """Mistakes come with their places; for a file that was edited since, or is gone, nothing is said."""
    file = tmp_path / "book.md"
    file.write_text(BOOK)
    digest = hashlib.sha256(BOOK.encode()).hexdigest()
    start = {"runbook": str(file), "sources": [[str(file), digest]], "inventories": []}
    found = of_run(start)
    assert found is not None
    assert any(one.place.endswith("book.md:7:19") and "service" in one.what for one in found)
    file.write_text(BOOK + "\nmore\n")
    assert of_run(start) is None
    file.unlink()
    assert of_run(start) is None
    assert of_run({}) is None


def test_an_inventory_that_is_a_program_is_not_run_again(tmp_path: Path) -> None:
    """It was run for the plan."""
    file, program = tmp_path / "book.md", tmp_path / "hosts.sh"
    file.write_text(BOOK)
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\necho '{{}}'\n")
    program.chmod(0o700)
    digest = hashlib.sha256(BOOK.encode()).hexdigest()
    assert of_run({"runbook": str(file), "sources": [[str(file), digest]], "inventories": [str(program)]})
    assert not (tmp_path / "ran").exists()
