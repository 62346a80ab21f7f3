"""docs/trail.md: the verifier that it shows comes to our verdicts, and its tables are ours."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gonogo.cli.verify import EXIT
from gonogo.trail.reader import Verdict

ROOT = Path(__file__).parents[2]
DOC = (ROOT / "docs" / "trail.md").read_text()
LEFT_OUT = {"changed-output"}
"""Cases that the document says its verifier leaves out."""


def test_the_verifier_of_the_document_agrees(tmp_path: Path, need: Callable[[str, str], str]) -> None:
    """The document's own verifier has the expected verdict for each golden trail."""
    need("ssh-keygen", "openssh-client")
    (code,) = re.findall(r"```python\n(.*?)```", DOC, re.DOTALL)
    (tmp_path / "verifier.py").write_text(code)
    sys.path.insert(0, str(tmp_path))
    try:
        from verifier import verify  # type: ignore[import-not-found]
    finally:
        sys.path.remove(str(tmp_path))
    corpus = ROOT / "tests" / "data" / "trails" / "v1"
    expected = json.loads((corpus / "expected.json").read_text())
    found = {name: verify(corpus / name, corpus / "allowed_signers") for name in expected}
    differ = {name for name in expected if found[name] != expected[name]}
    assert differ == LEFT_OUT, {name: found[name] for name in differ}
    paths = (tmp_path / "verifier.py", corpus / "complete", corpus / "allowed_signers")
    words = [sys.executable, *map(str, paths)]
    assert subprocess.run(words, capture_output=True, check=True).stdout == b"complete\n"


@pytest.mark.parametrize("verdict", Verdict)
def test_the_table_has_each_verdict_with_its_exit_code(verdict: Verdict) -> None:
    """Every verdict stands in the document with the code that the program exits with."""
    assert f"| `{verdict}` | {EXIT.get(verdict, 4)} |" in DOC
