"""Where a run's documents come from, as git knows it. Looking runs no program that a repository names."""

from __future__ import annotations

from .beginning import before_the_run
from .lines import lines
from .look import look
from .model import Change, Provenance, Signature

__all__ = ["Change", "Provenance", "Signature", "before_the_run", "lines", "look"]
