"""Which keys hold together: those of one screen. The same key may do something else on another."""

from __future__ import annotations

from collections.abc import Mapping

from . import compare as compare_keys
from . import dialog as dialog_keys
from . import home as home_keys
from . import replay as replay_keys
from .app import APP, PANE
from .names import usual
from .run import CHECKLIST, DEFAULTS, OUTPUT, WALL

_DIALOG = (*APP, *home_keys.APP)
"""They leave the program from every dialog."""
_IN_FIELD = (
    usual((*home_keys.BINDINGS, *dialog_keys.FIELD, *home_keys.APP)),
    usual((*dialog_keys.ASK, *dialog_keys.FIELD, *_DIALOG)),
    usual((*dialog_keys.PICK, *dialog_keys.FIELD, *_DIALOG)),
    usual((*dialog_keys.EDIT, *_DIALOG)),
)
SCREENS: tuple[Mapping[str, str], ...] = (
    DEFAULTS,
    usual((*replay_keys.BINDINGS, *APP, *PANE, *CHECKLIST, *WALL, *OUTPUT)),
    usual((*compare_keys.BINDINGS, *APP, *PANE)),
    *_IN_FIELD,
    usual((*dialog_keys.PAGE, *PANE, *_DIALOG)),
    usual((*dialog_keys.HELP, *PANE, *_DIALOG)),
    usual((*dialog_keys.FIND, *PANE, *_DIALOG)),
    usual((*dialog_keys.ROUNDS, *PANE, *_DIALOG)),
    usual((*dialog_keys.MONITORS, *PANE, *_DIALOG)),
    usual((*dialog_keys.HOP, *_DIALOG)),
    *({**usual((*dialog_keys.CHOOSE, *_DIALOG)), **ways} for ways in dialog_keys.WAYS.values()),
)
"""Of each screen, binding -> its usual keys."""
NAMES: tuple[str, ...] = tuple(dict.fromkeys(name for screen in SCREENS for name in screen))
"""Every binding that can be given another key."""
BESIDE_TEXT = frozenset(name for screen in _IN_FIELD for name in screen) - {"ask.yes"}
"""Those that hold where something is typed: a key that types is none for them."""
