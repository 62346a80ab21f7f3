"""The errors a person can meet: one base, short children, each with its exit code."""

from __future__ import annotations


class GonogoError(Exception):
    """Something a person must mend. `what` says what and where, `mend` how."""

    exit_code = 2

    def __init__(self, what: str, mend: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.what}\n  {self.mend}" if self.mend else self.what


class UsageError(GonogoError):
    """The command line asks for something that cannot be."""


class RunbookError(GonogoError):
    """The runbook cannot be read or holds mistakes."""


class InventoryError(GonogoError):
    """The inventory cannot be read, or a host pattern does not resolve."""


class ExecutorError(GonogoError):
    """An executor cannot start: its program, keys or settings are missing."""


class TrailError(GonogoError):
    """The trail cannot be written or does not verify."""

    exit_code = 4


class RunError(GonogoError):
    """The run cannot be driven: it has a driver, has ended, or is gone."""
