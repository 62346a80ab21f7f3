"""A real Keystone, 2023.1 to 2024.1, upgraded by the shipped runbook, and taken back from its copy."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .keystone.site import PASSWORD, Site, build

RUNBOOK = Path(__file__).parents[2] / "runbooks" / "openstack" / "keystone-2023.1-to-2024.1.md"
VENVS = os.environ.get("GONOGO_KEYSTONES")

pytestmark = pytest.mark.skipif(not VENVS, reason="`make test-openstack` makes ready what this needs")


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A Keystone of 2023.1 with some projects and users."""
    made = build(tmp_path / "site", Path(VENVS or ""))
    yield made
    made.stop()


def upgrade(site: Site, folder: Path, answers: Path) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run the runbook without a terminal; return how it went, and its trail."""
    (folder / "sockets").mkdir(mode=0o700)
    own = {"GONOGO_RUNS": str(folder / "runs"), "XDG_RUNTIME_DIR": str(folder / "sockets")}
    inputs = ("--input", f"site={site.folder}", "--input", f"venvs={site.venvs}")
    done = subprocess.run(
        [sys.executable, "-m", "gonogo", "run", RUNBOOK, *inputs, "--answers", answers, "--yes", "--plain"],
        cwd=folder,
        env=site.environment | own,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    (trail,) = (folder / "runs").glob("*/audit.jsonl")
    return done, trail.read_text()


def test_the_upgrade_keeps_all_and_tokens_too(site: Site, tmp_path: Path) -> None:
    """The schema is the new one, what was there is there, and a token of before is good."""
    before = token(site)
    done, trail = upgrade(site, tmp_path, RUNBOOK.with_suffix("") / "answers.yaml")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert site.manage("db_version") == "47147121"
    assert "ahead of expand" in trail
    assert good(site, before)
    assert PASSWORD not in trail


def test_it_goes_back_from_the_copy(site: Site, tmp_path: Path) -> None:
    """What the person decides at the end is done: the old schema and the old code serve again."""
    before = token(site)
    answers = tmp_path / "answers.yaml"
    answers.write_text(
        (RUNBOOK.with_suffix("") / "answers.yaml").read_text().replace("typed: stay", "typed: back")
    )
    done, trail = upgrade(site, tmp_path, answers)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr
    assert site.manage("db_version") == "29e87d24a316"
    assert good(site, before)
    kinds = [line.split('"outage.')[1].split('"')[0] for line in trail.splitlines() if '"outage.' in line]
    assert kinds == ["begin", "end"] * 2


def token(site: Site) -> str:
    """Return a token of the administrator's."""
    return told(site, "print(cloud.authorize())")


def good(site: Site, text: str) -> bool:
    """Return whether a token that was issued before is taken."""
    words = f"""
import requests, sys
reply = requests.get({f"http://127.0.0.1:{site.port}/v3/auth/tokens"!r},
                     headers=dict.fromkeys(["X-Auth-Token", "X-Subject-Token"], {text!r}), timeout=30)
print(reply.status_code)
"""
    return told(site, words) == "200"


def told(site: Site, program: str) -> str:
    """Run a small program with the SDK's `cloud`, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", f"import openstack\ncloud = openstack.connect()\n{program}"],
        env=site.environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout.strip()
