"""allowed_signers: read as stock ssh-keygen reads it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.errors import UsageError
from gonogo.trail.signers import SIZE_LIMIT, load_signers, matches, parse_signers

from .conftest import Check
from .people import Party

ME, NAMESPACE = "me@example.com", "n@test"
ACCEPTED = [
    "me@example.com KEY",
    "me@example.com KEY a comment with blanks",
    "  me@example.com\tKEY",
    "me@example.com KEY\r",
    "# a comment\n\n   # another\nme@example.com KEY",
    "other@example.com OTHER\nme@example.com KEY",
    "me@example.com OTHER\nme@example.com KEY",
    "*@example.com KEY",
    "me@*.com,you@example.com KEY",
    "m?@example.com KEY",
    "* KEY",
    "you@example.com,me@example.com KEY",
    '"me@example.com" KEY',
    '"you@example.com,me@example.com" KEY',
    'me@example.com namespaces="n@test" KEY',
    'me@example.com namespaces="file,n@*" KEY',
    'me@example.com NAMESPACES="n@test" KEY',
    'me@example.com valid-after="20200101" KEY',
    'me@example.com valid-after="20200101000000Z",valid-before="29990101Z" KEY',
    'me@example.com valid-before="299901010000",namespaces="n@test" KEY',
    "broken\nme@example.com KEY",
    'me@example.com bogus="x" OTHER\nme@example.com KEY',
    "me@example.com ssh-ed25519 AAAA\nme@example.com KEY",
    "!you@example.com,*@example.com KEY",
]
REFUSED = [
    "",
    "# me@example.com KEY",
    "me@example.com",
    "KEY",
    "me@example.com OTHER",
    "you@example.com KEY",
    "ME@example.com KEY",
    "me KEY",
    "!me@example.com,*@example.com KEY",
    "*@example.com,!me@example.com KEY",
    '"me@example.com KEY',
    'me@example.com namespaces="file" KEY',
    'me@example.com namespaces="!n@test,*" KEY',
    'me@example.com namespaces="" KEY',
    "me@example.com namespaces=n@test KEY",
    'me@example.com namespaces="n@test",namespaces="n@test" KEY',
    'me@example.com namespaces="n@test KEY',
    'me@example.com bogus="x" KEY',
    "me@example.com no-touch-required KEY",
    'me@example.com namespaces="n@test",bogus KEY',
    'me@example.com namespaces="n@test", KEY',
    'me@example.com valid-before="20200101" KEY',
    'me@example.com valid-after="29990101Z" KEY',
    'me@example.com valid-after="soon" KEY',
    'me@example.com valid-after="2020" KEY',
    'me@example.com valid-after="20201301" KEY',
    'me@example.com valid-after="20300101",valid-before="20200101" KEY',
    "me@example.com cert-authority KEY",
    'me@example.com cert-authority,namespaces="n@test" KEY',
    "me@example.com ssh-rsa AAAA",
]


@pytest.fixture(scope="module")
def signature(party: Party) -> str:
    """Ann's signature under b"data"."""
    return asyncio.run(party.ann.sign(NAMESPACE, b"data"))


@pytest.mark.parametrize("lines", ACCEPTED + REFUSED)
def test_stock_and_we_agree(lines: str, party: Party, signature: str, stock: Check) -> None:
    """Whether a file lets a key sign is what `ssh-keygen -Y verify` says of the same file."""
    text = lines.replace("KEY", party.ann.key.line).replace("OTHER", party.eve.key.line) + "\n"
    ours = parse_signers(text.encode()).allows(ME, party.ann.key, NAMESPACE, datetime.now(UTC))
    assert ours == stock(text.encode(), ME, NAMESPACE, signature, b"data")
    assert ours == (lines in ACCEPTED)


def test_bad_lines_are_told_by_number_and_the_others_stand(party: Party) -> None:
    """Each line that counts for nothing is told with file:line and why."""
    key = party.ann.key.line
    text = f"a {key}\nb cert-authority {key}\n\n# x\nc bogus {key}\nd\ne ssh-dss AAAAB3NzaC1kc3MAAAAA\n"
    signers = parse_signers(text.encode(), "who")
    assert [entry.principals for entry in signers.entries] == ["a"]
    told = [problem.split(": ", 1)[0] for problem in signers.problems]
    assert told == ["who:2", "who:5", "who:6", "who:7"]
    assert "certificate authorities are not supported" in signers.problems[0]
    assert "unknown or broken option 'bogus" in signers.problems[1]


def test_times_hold_at_the_time_that_is_asked_about(party: Party) -> None:
    """A key that expired still vouches for what it signed before."""
    line = f'a valid-after="20260101Z",valid-before="20260201Z" {party.ann.key.line}'
    signers = parse_signers(line.encode())
    found = {
        month: signers.names(party.ann.key, "n", datetime(2026, month, 15, tzinfo=UTC)) for month in (1, 2)
    }
    assert found == {1: ("a",), 2: ()}


def test_hostile_names_are_shown_safely(party: Party) -> None:
    """What a file holds reaches no terminal as it is."""
    signers = parse_signers(f"a\x1b[2Jb \x1b]0;x\x07 {party.ann.key.line}\n".encode(), "f\x1b[1m")
    assert "\x1b" not in "".join(signers.problems)


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """A missing file, a folder and one of more than the limit are refused by name."""
    (tmp_path / "large").write_bytes(b"#" * (SIZE_LIMIT + 1))
    for name in ("none", ".", "large"):
        with pytest.raises(UsageError):
            load_signers(tmp_path / name)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_without_a_traceback(data: bytes) -> None:
    """Nothing in the file is fatal."""
    parse_signers(data)


def test_patterns_take_time_that_grows_with_their_length_alone() -> None:
    """A pattern of many stars against a long name ends."""
    assert not matches("a" * 2000, "*a" * 500 + "b")
    assert matches("a" * 2000, "*a" * 500)
