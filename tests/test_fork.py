"""A forked process: what it has of its parent's, and what not."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import socket
import tempfile
from collections.abc import Iterator

import pytest

from gonogo.fork import fork


@pytest.fixture(autouse=True)
def _thaw() -> Iterator[None]:
    """Go on with this process, in which garbage is to be found again."""
    yield
    gc.unfreeze()


def _seen(talk: socket.socket) -> int:
    """Tell what the process is; end with 7."""
    os.write(1, b"nowhere")
    os.write(2, b"an error")
    seen = {
        "leads": os.getsid(0) == os.getpid(),
        "input": os.read(0, 10).decode(),
        "files": len([one for one in os.listdir("/dev/fd") if int(one) > 2]),
        "term": signal.getsignal(signal.SIGTERM) == signal.SIG_DFL,
    }
    with talk:
        talk.sendall(json.dumps(seen).encode())
    return 7


def test_a_forked_process_has_the_files_it_is_given_and_no_others() -> None:
    """It leads a session, reads nothing, says nothing on our output, and has none of our signal handlers."""
    talk, theirs = socket.socketpair()
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        with tempfile.TemporaryFile() as errors:
            with theirs:
                number = fork(lambda: _seen(theirs), keep=theirs.fileno(), errors=errors.fileno())
            with talk, talk.makefile("rb") as file:
                seen = json.loads(file.read())
            _, status = os.waitpid(number, 0)
            errors.seek(0)
            assert errors.read() == b"an error"
    finally:
        signal.signal(signal.SIGTERM, before)
    # The two are the socket, and the listing's own.
    assert seen == {"leads": True, "input": "", "files": 2, "term": True}
    assert os.waitstatus_to_exitcode(status) == 7


def test_nothing_of_the_caller_goes_on_in_a_forked_process() -> None:
    """An error ends it there and is told where errors go: no context is left, no handler runs."""
    left: list[int] = []

    def fail() -> int:
        raise RuntimeError("it broke")

    with tempfile.TemporaryFile() as errors, contextlib.ExitStack() as stack:
        stack.callback(left.append, os.getpid())
        stack.callback(os.write, errors.fileno(), b"left")
        _, status = os.waitpid(fork(fail, keep=errors.fileno(), errors=errors.fileno()), 0)
        errors.seek(0)
        said = errors.read()
    assert b"it broke" in said
    assert b"left" not in said
    assert left == [os.getpid()]
    assert os.waitstatus_to_exitcode(status) == 1
