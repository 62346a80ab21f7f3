"""What the documents say of keys and settings is so."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path

import pytest
from textual.binding import Binding

from gonogo.tui.keys import compare as compare_keys
from gonogo.tui.keys import replay as replay_keys
from gonogo.tui.keys.names import label
from gonogo.tui.keys.run import DEFAULTS
from gonogo.tui.keys.scopes import SCREENS
from gonogo.tui.settings import config_file, load

from .pictures import PICTURES


def test_the_key_card_has_every_binding(root: Path) -> None:
    """Each by its name, with its usual keys."""
    card = (root / "docs" / "keys.md").read_text()
    rows = re.findall(r"^\| (.+?) \| .+ \| `([\w.-]+)` \|$", card, re.MULTILINE)
    usual = {name: keys for screen in SCREENS for name, keys in screen.items()}
    assert {name: keys.replace("`", "") for keys, name in rows} == {
        name: " ".join(label(key) for key in keys.split(","))
        for name, keys in {**usual, **DEFAULTS}.items()
        if not name.startswith(("replay.", "compare."))
    }


@pytest.mark.parametrize("file", ["screen.md", "keys.md"])
def test_the_settings_that_are_shown_are_taken(
    root: Path, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each example is a whole file without a mistake."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    config_file().parent.mkdir()
    for example in re.findall(r"```toml\n(.*?)```", (root / "docs" / file).read_text(), re.DOTALL):
        config_file().write_text(example)
        assert not load().problems
        assert load().keys.keys() == tomllib.loads(example)["keys"].keys()


def test_every_picture_is_there(root: Path) -> None:
    """A document names no picture that nobody makes."""
    named = re.findall(r"images/(\w+)\.svg", (root / "docs" / "screen.md").read_text())
    assert set(named) == set(PICTURES)
    assert all((root / "docs" / "images" / f"{name}.svg").is_file() for name in named)


@pytest.mark.parametrize(
    ("file", "bindings", "prefix"),
    [("replay.md", replay_keys.BINDINGS, "replay."), ("reports.md", compare_keys.BINDINGS, "compare.")],
)
def test_the_other_screens_keys_are_named_with_them(
    root: Path, file: str, bindings: Sequence[Binding], prefix: str
) -> None:
    """Whoever wants another key finds its name where the key is told."""
    text = (root / "docs" / file).read_text()
    wanted = {one.id for one in bindings if one.id and one.id.startswith(prefix) and "pane" not in one.id}
    assert set(re.findall(rf"`({re.escape(prefix)}[\w-]+)`", text)) == wanted
