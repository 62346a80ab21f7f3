"""Which keys hold together: those of one screen. The same key may do something else on another."""

from __future__ import annotations

from collections.abc import Mapping

from . import compare_keys, replay_keys
from .app_keys import APP, PANE
from .keys import CHECKLIST, DEFAULTS, OUTPUT, WALL
from .offers import usual
from .page_keys import MONITORS, ROUNDS

SCREENS: tuple[Mapping[str, str], ...] = (
    DEFAULTS,
    usual((*replay_keys.BINDINGS, *APP, *PANE, *CHECKLIST, *WALL, *OUTPUT)),
    usual((*ROUNDS, *PANE)),
    usual((*MONITORS, *PANE)),
    usual((*compare_keys.BINDINGS, *APP, *PANE)),
)
"""Of each screen, binding -> its usual keys."""
NAMES: tuple[str, ...] = tuple(dict.fromkeys(name for screen in SCREENS for name in screen))
"""Every binding that can be given another key."""
