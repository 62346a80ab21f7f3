"""What the operator has chosen for the screen: theme, bell, keys. A mistake there never keeps a run away."""

from __future__ import annotations

import contextlib
import json
import os
import re
import stat
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from gonogo.near import nearest
from gonogo.text import clean_line

THEMES = ("night", "day", "contrast", "ansi", "mono")
PASSING = frozenset({"output.next", "output.previous"})
"""Bindings that hold only while a search is on: their keys are somebody else's otherwise."""
Wrong = Callable[[str, str], None]
"""Hears of a mistake: the name that it is about, and what is wrong."""
_AT = re.compile(r" \(at line (\d+), column (\d+)\)$")
LIMIT = 64 << 10
"""Bytes of a settings file."""


class Settings(Struct, frozen=True):
    """How the screen looks and sounds, and which keys it takes."""

    theme: str = THEMES[0]
    bell: bool = True
    """Ring when a question comes."""
    notify: bool = True
    """Have the terminal show a notification, and the question in its title."""
    wrap: bool = True
    """Break long lines of output; else they are cut at the right."""
    fold: bool = True
    """Fold the checklist's sections when they are finished."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Binding -> its key, where it is not the usual one."""
    problems: tuple[str, ...] = ()
    """What is wrong in the file; the rest of it holds."""


def config_file() -> Path:
    """Return where the operator's own settings are."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "gonogo" / "config.toml"


def remembered_file() -> Path:
    """Return where choices made on the screen are kept."""
    return Path(os.environ.get("XDG_STATE_HOME") or "~/.local/state").expanduser() / "gonogo" / "screen.json"


def load() -> Settings:
    """Return the settings: the file's, else what was chosen on the screen before, else the usual ones."""
    kept: Any = {}
    with contextlib.suppress(OSError, ValueError, RecursionError):
        kept = json.loads(_read(remembered_file()))
    settings = _taken(Settings(), kept if isinstance(kept, dict) else {}, lambda _, __: None)
    path, problems = config_file(), list[str]()
    with contextlib.suppress(FileNotFoundError):
        found, text = _toml(path, problems)

        def wrong(name: str, words: str) -> None:
            problems.append(f"{path}{_place(text, name)}: {words}")

        settings = _taken(settings, found, wrong)
    return replace(settings, problems=tuple(problems))


def _place(text: str, name: str) -> str:
    """Return `:3` for what stands on a file's third line; nothing where that is not known."""
    found: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        for part in re.split("[{,]", line):
            written, sign, _ = part.partition("=")
            if sign:
                found.setdefault("".join(one for one in written if one not in " \t\"'"), number)
    place = found.get(name) or found.get(name.rsplit(".", 1)[-1])
    return f":{place}" if place else ""


def remember(**chosen: str | bool) -> None:
    """Keep choices for later screens; where they cannot be kept, they are gone with this one."""
    path = remembered_file()
    kept: Any = {}
    with contextlib.suppress(OSError, ValueError, RecursionError):
        kept = json.loads(_read(path))
    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps({**(kept if isinstance(kept, dict) else {}), **chosen}))
        fresh.replace(path)


def _read(path: Path) -> str:
    """Read a small regular file, never a pipe or a device."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError("it is no file")
        data = file.read(LIMIT + 1)
    if len(data) > LIMIT:
        raise OSError(f"it is longer than {LIMIT >> 10} KiB")
    return data.decode()


def _toml(path: Path, problems: list[str]) -> tuple[dict[str, Any], str]:
    """Return what a file holds, and its text."""
    try:
        text = _read(path)
        # 3 ms that only those pay who have such a file.
        import tomllib

        return tomllib.loads(text), text
    except FileNotFoundError:
        raise
    except (OSError, ValueError, RecursionError) as error:
        words = clean_line(str(error) or "it cannot be read")
        at = _AT.search(words)
        problems.append(f"{path}:{at[1]}:{at[2]}: {words[: at.start()]}" if at else f"{path}: {words}")
        return {}, ""


def _taken(settings: Settings, found: dict[str, Any], wrong: Wrong) -> Settings:
    for name, value in found.items():
        match name, value:
            case "theme", str() if value in THEMES:
                settings = replace(settings, theme=value)
            case (("bell" | "notify" | "wrap" | "fold"), bool()):
                settings = replace(settings, **{name: value})
            case "keys", dict():
                settings = replace(settings, keys=_keys(dict(_flat(value)), wrong))
            case "theme", _:
                wrong(name, f"theme is one of {', '.join(THEMES)}")
            case (("bell" | "notify" | "wrap" | "fold"), _):
                wrong(name, f"{name} is true or false")
            case _:
                known = ("theme", "bell", "notify", "wrap", "fold", "keys")
                wrong(name, _unknown("setting", name, known))
    return settings


def _flat(found: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield keys by their names: without quotation marks TOML takes `answer.go` for two."""
    for name, value in found.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{rest}", one) for rest, one in value.items())
        else:
            yield name, value


def _keys(found: dict[str, Any], wrong: Wrong) -> dict[str, str]:
    # Only those who have given keys others pay for knowing them all: 40 ms.
    from .keys.names import canonical, in_field, label
    from .keys.scopes import BESIDE_TEXT, NAMES, SCREENS

    taken: dict[str, str] = {}
    for name, key in found.items():
        known = canonical(key) if isinstance(key, str) else ""
        if name not in NAMES:
            wrong(name, _unknown("key's name", name, NAMES))
        elif not known:
            wrong(name, f'{name}: {clean_line(str(key))[:40]!r} is no key, as "g", "f5" or "ctrl+g" are')
        elif name in BESIDE_TEXT and in_field(known):
            wrong(name, f'{name}: {label(known)!r} belongs to the text field there; "f5" or "alt+g" does not')
        else:
            taken[name] = known
    while clash := next(filter(None, (_clash(taken, screen) for screen in SCREENS)), None):
        one, other = clash
        wrong(one, f"{one}: {label(taken.pop(one))!r} is the key of {other} already")
    return taken


def _clash(taken: Mapping[str, str], usually: Mapping[str, str]) -> tuple[str, str] | None:
    """Return a binding of one screen with a new key, and whose key that is already, if any.

    Only a binding's first key counts: another one that is taken from it leaves it that.
    """
    for name, key in ((name, key) for name, key in taken.items() if name in usually):
        for other, usual in usually.items():
            if other != name and other not in PASSING and key == taken.get(other, usual).split(",")[0]:
                return name, other
    return None


def _unknown(what: str, name: str, known: tuple[str, ...]) -> str:
    near = nearest(name, known)
    return f"{clean_line(name)[:40]!r} is no {what}" + (f": did you mean {near!r}?" if near else "")
