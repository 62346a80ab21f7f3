"""Figures of the torture tests, told at the end; and a place for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.torture.ground import LONG, Ground


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    """Give a folder with runs, sockets and a journal of its own."""
    return Ground(tmp_path)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what the long variants counted."""
    if not LONG:
        return
    terminalreporter.section("torture")
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        if report.when != "call":
            continue
        for name, value in report.user_properties:
            if name == "figures":
                terminalreporter.write_line(f"{report.nodeid.split('::')[-1]}: {value}")
