"""What a screen looks like, as short text: its lines, and by its role the colour of each stretch of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from rich.color import Color as RichColor
from rich.style import Style
from textual._compositor import LayoutUpdate
from textual.app import App
from textual.color import Color
from textual.strip import Strip

from gonogo.tui.themed import ThemedApp

SIZES = ((80, 24), (120, 40), (200, 60))
GROUNDS = {"background": "_", "surface": "u", "panel": "n"}
ROLES = {
    "foreground": "f", "secondary": "s", "primary": "p", "accent": "a", "success": "g", "warning": "w",
    "error": "e", "code": "c", "rule": "r", "badge": "b", "quiet": "q", **GROUNDS,
}  # fmt: skip
"""A theme's colours and the letters that stand for them; where two are alike the first is told."""
VEILS = (0.4, 0.6)
"""How much a dialog's veil covers what lies under it (the stylesheet)."""
MARKS = {"bold": "*", "dim": "-", "italic": "/", "underline": "_", "reverse": "!", "strike": "="}
USUAL = "f"
"""The ink that is left out at the end of a line."""


@dataclass(frozen=True, slots=True)
class Ink:
    """A look by its roles: the text's, the ground's, and marks as `*` for bold."""

    text: str
    ground: str
    marks: str

    def __str__(self) -> str:
        return f"{self.text}{'' if self.ground == '_' else ':' + self.ground}{self.marks}"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Cells of one look."""

    text: str
    style: Style
    ink: Ink


Picture = list[list[Stretch]]


class Inks:
    """Knows one theme's colours by their roles."""

    def __init__(self, app: ThemedApp) -> None:
        known = {name: Color.parse(app.theme_variables[name]) for name in ROLES}
        self._color = {letter: _key(known[name].rich_color) for name, letter in ROLES.items()}
        self._texts = _names(known, ROLES)
        self._grounds = _names(known, {**GROUNDS, **ROLES})
        self.of = lru_cache(maxsize=1024)(self._of)

    def _of(self, style: Style, like: Ink | None) -> Ink:
        """Return a style's ink; where roles are alike in this theme, as `like` has it if that is true."""
        text = self._role(style.color, self._texts, like.text if like else "")
        ground = self._role(style.bgcolor, self._grounds, like.ground if like else "")
        return Ink(text, ground, "".join(mark for name, mark in MARKS.items() if getattr(style, name)))

    def _role(self, color: RichColor | None, names: Mapping[object, str], like: str) -> str:
        key = _key(color)
        if like in self._color and self._color[like] == key:
            return like
        return names.get(key) or (color.name if color else "?")


def _names(known: Mapping[str, Color], roles: Mapping[str, str]) -> dict[object, str]:
    """Return the role of each colour, and of each that lies under a veil."""
    names: dict[object, str] = {}
    for name, letter in roles.items():
        names.setdefault(_key(known[name].rich_color), letter)
    for veil in VEILS:
        for name, letter in roles.items():
            names.setdefault(_key(known[name].blend(known["background"], veil).rich_color), f"{letter}%")
    return names


def _key(color: RichColor | None) -> object:
    if color is None or color.is_default:
        return None
    return tuple(color.triplet) if color.triplet else color.number


def rows(app: App[str]) -> list[Strip]:
    """Return the terminal's rows as they are painted, with what lies under a dialog."""
    update = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
    assert isinstance(update, LayoutUpdate)
    return [Strip.join(parts) for parts in update.strips]


def drawn(app: ThemedApp, inks: Inks, like: Picture | None = None) -> Picture:
    """Return what stands on the terminal now; `like` is the same screen in another theme."""
    picture: Picture = []
    for y, strip in enumerate(rows(app)):
        model = _places(like[y]) if like and y < len(like) else iter(())
        picture.append(list(_merged(_stretches(strip, inks, model))))
    return picture


def _places(line: list[Stretch]) -> Iterator[tuple[int, Ink]]:
    """Yield where each stretch ends, and its ink."""
    at = 0
    for one in line:
        at += len(one.text)
        yield at, one.ink


def _stretches(strip: Strip, inks: Inks, model: Iterator[tuple[int, Ink]]) -> Iterator[Stretch]:
    at, (end, like) = 0, next(model, (1 << 30, None))
    for segment in strip:
        text, style = segment.text, segment.style or Style()
        while text:
            if at >= end:
                end, like = next(model, (1 << 30, None))
            piece, text = text[: end - at], text[end - at :]
            yield Stretch(piece, style, inks.of(style, like))
            at += len(piece)


def _merged(line: Iterator[Stretch]) -> Iterator[Stretch]:
    held: Stretch | None = None
    for one in line:
        if held is not None and (held.ink, held.style) == (one.ink, one.style):
            held = Stretch(held.text + one.text, held.style, held.ink)
            continue
        if held is not None:
            yield held
        held = one
    if held is not None:
        yield held


def text_of(picture: Picture) -> list[str]:
    """Return a picture's lines without their colours."""
    return ["".join(one.text for one in line).rstrip() for line in picture]


def inks_of(picture: Picture) -> list[str]:
    """Return `12 f  3 a*  ...` for each line: so many cells, their ink."""
    return [_told(line) for line in picture]


def _told(line: list[Stretch]) -> str:
    found: list[tuple[int, str]] = []
    for one in line:
        # A blank shows its ground alone.
        ink = one.ink if one.text.strip() or one.ink.marks else Ink(USUAL, one.ink.ground, "")
        if found and found[-1][1] == str(ink):
            found[-1] = (found[-1][0] + len(one.text), str(ink))
        else:
            found.append((len(one.text), str(ink)))
    if found and found[-1][1] == USUAL:
        found.pop()
    return " ".join(f"{cells}{ink}" for cells, ink in found)


def faint(picture: Picture, least: float) -> Iterator[str]:
    """Yield each text whose contrast to its ground is less, but for lines and what lies under a veil."""
    for y, line in enumerate(picture, 1):
        for one in line:
            colors = one.style.color, one.style.bgcolor
            if "%" in one.ink.text + one.ink.ground or not any(map(_is_read, one.text)):
                continue
            if least and any(color is None or color.triplet is None for color in colors):
                yield f"{y}: {one.text.strip()!r} has the terminal's own colours"
            elif least and (ratio := contrast(*colors)) < least:
                yield f"{y}: {one.text.strip()!r} {one.ink} {ratio:.1f}"


def _is_read(char: str) -> bool:
    """Tell a character that says something from blanks and drawn lines."""
    return not char.isspace() and not "\u2500" <= char <= "\u259f"


def contrast(one: RichColor | None, other: RichColor | None) -> float:
    """Return the contrast of two colours as WCAG 2 reckons it, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@lru_cache(maxsize=256)
def _luminance(color: RichColor | None) -> float:
    assert color is not None
    assert color.triplet is not None
    parts = (part / 255 for part in color.triplet)
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
