"""What every screen looks like at three sizes in every theme, and what no look may ever lack.

`make snapshots` writes the files anew; look at the difference then.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path
from zlib import crc32

import pytest

from gonogo.tui.theme import THEMES

from .looks import SIZES, Inks, Picture, drawn, faint, inks_of, text_of
from .pictures import taken
from .shots import RUN, SHOTS, press, repaint, settled, standing_still

FOLDER = Path(__file__).parent / "snapshots"
WRITE = os.environ.get("GONOGO_SNAPSHOTS") == "write"
ALL = WRITE or bool(os.environ.get("GONOGO_TEST_ALL"))
CONTRAST = {"night": 4.5, "day": 4.5, "contrast": 7.0}
"""WCAG's measure for text, AA and AAA; the others have the terminal's colours."""
USUAL = "night"
"""The theme whose inks are written down; of the others only what differs."""


@pytest.fixture(autouse=True)
def _still(tmp_path: Path) -> Iterator[None]:
    with standing_still(tmp_path):
        yield


def others(name: str) -> dict[tuple[int, int], list[str]]:
    """Return the themes that are looked at beside the usual one at each size.

    Each at one size, another one from shot to shot; at all of them where GONOGO_TEST_ALL is set: that takes
    a third longer.
    """
    themes = [theme for theme in THEMES if theme != USUAL]
    if ALL:
        return dict.fromkeys(SIZES, themes)
    first = crc32(name.encode())
    return {
        size: [theme for at, theme in enumerate(themes) if (first + at) % len(SIZES) == place]
        for place, size in enumerate(SIZES)
    }


async def pictures(name: str) -> list[tuple[str, str, Picture]]:
    """Return size, theme and picture: what a shot looks like."""
    found: list[tuple[str, str, Picture]] = []
    shot, themes = SHOTS[name], others(name)
    app = shot.make(Path(RUN))
    async with app.run_test(size=SIZES[0]) as pilot:
        await press(pilot, shot)
        for size in SIZES:
            await pilot.resize_terminal(*size)
            app.show_theme(USUAL)
            await settled(pilot)
            usual = drawn(app, Inks(app))
            found.append((f"{size[0]}x{size[1]}", USUAL, usual))
            with app.batch_update():  # nothing is painted but what is looked at
                for theme in themes[size]:
                    app.show_theme(theme)
                    await pilot.pause(0)
                    repaint(app)
                    await pilot.pause(0)
                    found.append((f"{size[0]}x{size[1]}", theme, drawn(app, Inks(app), usual)))
    return found


def told(found: list[tuple[str, str, Picture]]) -> Iterator[str]:
    """Yield a shot's file, line by line."""
    usual: Picture = []
    for size, theme, picture in found:
        if theme == USUAL:
            usual = picture
            yield from (f"## {size}", *text_of(picture), f"## {size} inks")
            yield from (f"{y:>2}  {inks}" for y, inks in enumerate(inks_of(picture), 1) if inks)
            continue
        rows = zip(text_of(picture), inks_of(picture), text_of(usual), inks_of(usual), strict=True)
        differ = [(y, *new) for y, (*new, old, ink) in enumerate(rows, 1) if new != [old, ink]]
        yield from (f"## {size} {theme}",) if differ else ()
        yield from (f"{y:>2}  {inks}" for y, _, inks in differ)


def parts(lines: list[str]) -> dict[str, list[str]]:
    """Return a file's parts by their headings."""
    found: dict[str, list[str]] = {}
    for line in lines:
        if line.startswith("## "):
            found[line[3:]] = []
        else:
            found[next(reversed(found))].append(line)
    return found


def differences(before: list[str], now: list[str], looked: set[str]) -> list[tuple[str, str]]:
    """Return what changed: the heading of each part, and its lines as they were (-) and are (+).

    `looked` are the sizes and themes that were looked at; of the others nothing is known.
    """
    old, new = parts(before), parts(now)
    changed = [head for head in {**old, **new} if old.get(head) != new.get(head)]
    changed = [head for head in changed if head.split()[-1] not in THEMES or head in looked]
    return [
        (head, "\n".join(list(unified_diff(old.get(head, []), new.get(head, []), n=0, lineterm=""))[2:]))
        for head in changed
    ]


async def left_beside(name: str, heads: list[str]) -> None:
    """Leave a picture of each size and theme that is not as it was beside the files."""
    looks = {(head.split()[0], (head.split()[1:] or ["inks"])[0]) for head in heads}
    for size, theme in sorted(looks):
        look = theme if theme in THEMES else USUAL
        columns, rows = map(int, size.split("x"))
        picture = (await taken(name, look, (columns, rows)))[0]
        (FOLDER / f"{name}-{size}-{look}.svg").write_text(picture)


@pytest.mark.parametrize("name", SHOTS)
async def test_a_screen_looks_as_it_did(name: str) -> None:
    """Nothing moves and no colour changes unseen; all that is to be read stands off its ground."""
    found = await pictures(name)
    lines = list(told(found))
    file = FOLDER / f"{name}.txt"
    if WRITE:
        FOLDER.mkdir(exist_ok=True)
        file.write_text("\n".join(lines) + "\n")
    before = file.read_text().splitlines()
    weak = {f"{theme} {one}" for _, theme, picture in found for one in faint(picture, CONTRAST.get(theme, 0))}
    assert not weak, "\n".join(sorted(weak))
    if changed := differences(before, lines, {f"{size} {theme}" for size, theme, _ in found}):
        await left_beside(name, [head for head, _ in changed])
        words = [f"{name} {head}\n{what}" for head, what in changed]
        pytest.fail("\n".join([*words, "`make snapshots` if it should look so."]), pytrace=False)
