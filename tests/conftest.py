"""What every test may ask for."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from gonogo.loop import Loop

ROOT = Path(__file__).resolve().parent.parent

# No test fails because a machine is busy.
settings.register_profile("busy", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")


def pytest_configure() -> None:
    """Take signals that end a program, whatever started this: what is started here inherits what is ignored.

    A shell's background job ignores the interrupt key, and what `nohup` starts a terminal that goes away.
    """
    for number, handler in (
        (signal.SIGINT, signal.default_int_handler),
        (signal.SIGQUIT, signal.SIG_DFL),
        (signal.SIGHUP, signal.SIG_DFL),
    ):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, handler)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Return two workers a processor: for half of their time tests wait, for hosts, clocks and screens."""
    return 2 * len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2 * (os.cpu_count() or 1)


def pytest_asyncio_loop_factories(item: pytest.Item) -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Test on the event loop that the program has there: a run's process has uvloop's, a screen asyncio's."""
    room = item.path.relative_to(ROOT / "tests").parts[0]
    if room in ("executors", "openstack", "run", "trail", "torture"):
        return {"run": Loop}
    return {"screen": asyncio.new_event_loop}


@pytest.fixture(scope="session")
def root() -> Path:
    """The top of the checkout."""
    return ROOT


@pytest.fixture(scope="session")
def need() -> Callable[[str, str], str]:
    """Find a program: `need("sshd", "openssh-server")` gives its path.

    Without it the test is skipped with the package's name, and fails where GONOGO_TEST_ALL is set.
    """

    def find(program: str, package: str) -> str:
        path = shutil.which(program, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")
        if path:
            return path
        why = f"{program} is missing: apt-get install {package}"
        if os.environ.get("GONOGO_TEST_ALL"):
            pytest.fail(why)
        pytest.skip(why)

    return find
