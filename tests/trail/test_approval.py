"""Approvals: whose signature counts, for what, until when, and once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from gonogo.trail.approval import LONGEST, NAMESPACE, Approval, Asked, check, expiry, satisfied, statement
from gonogo.trail.signers import Signers, parse_signers
from gonogo.trail.signing import Signer
from gonogo.trail.sshsig import SignatureError

from .conftest import Check
from .people import Party

NOW = datetime(2026, 11, 20, 16, tzinfo=UTC)
ASKED = Asked("20261120T160000Z-move", "switch", "ab" * 32, "2026-11-20T18:00:00Z")


@dataclass(frozen=True, slots=True)
class Table:
    """Who is who: Ann drives; Bob approves under two names; Eve is known as well."""

    party: Party
    signers: Signers

    def sign(self, who: str, asked: Asked = ASKED, namespace: str = NAMESPACE) -> str:
        signer: Signer = getattr(self.party, who)
        return asyncio.run(signer.sign(namespace, statement(asked)))

    def check(self, signature: str, asked: Asked = ASKED, now: datetime = NOW, **more: object) -> Approval:
        return check(asked, signature, self.signers, now, **more)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def table(party: Party) -> Table:
    """Everybody at one table."""
    keys = {name: getattr(party, name).key.line for name in ("ann", "bob", "eve")}
    lines = [f"ann {keys['ann']}", f"bob,robert {keys['bob']}", f"bobby {keys['bob']}", f"eve {keys['eve']}"]
    return Table(party, parse_signers("\n".join(lines).encode()))


def test_an_approval_names_who_gave_it(table: Table) -> None:
    """A good signature becomes an approval with its principal, key and expiry."""
    given = table.check(table.sign("bob"))
    assert (given.principal, given.key) == ("bob", table.party.bob.key)
    assert given.expires == datetime(2026, 11, 20, 18, tzinfo=UTC)
    assert given.fields()["by"] == "bob"


def test_stock_accepts_the_same_statement(table: Table, stock: Check) -> None:
    """ssh-keygen verifies an approval over the statement's five lines."""
    text = statement(ASKED)
    assert text.decode().split("\n")[:3] == ["gonogo-approve/1", ASKED.run, ASKED.step]
    signers = f"bob {table.party.bob.key.line}\n".encode()
    assert stock(signers, "bob", "approve@gonogo", table.sign("bob"), text)


@pytest.mark.parametrize(
    "other",
    [
        {"run": "20261120T160000Z-other"},
        {"step": "switch2"},
        {"plan": "ac" * 32},
        {"expires": "2026-11-20T18:00:01Z"},
    ],
)
def test_it_holds_for_what_was_signed_alone(other: dict[str, str], table: Table) -> None:
    """Another run, step, plan or expiry is not approved by it."""
    with pytest.raises(SignatureError, match="does not fit"):
        table.check(table.sign("bob"), replace(ASKED, **other))


@pytest.mark.parametrize(
    "bad",
    [
        {"run": "a\nb"},
        {"step": ""},
        {"step": "a\u2028b"},
        {"plan": "AB" * 32},
        {"plan": ""},
        {"expires": "tomorrow"},
        {"expires": "2026-11-20T18:00:00+00:00"},
        {"expires": "2026-1-2T18:00:00Z"},
    ],
)
def test_a_statement_that_could_be_read_in_two_ways_is_none(bad: dict[str, str]) -> None:
    """Fields with newlines, empty ones, and times in another spelling are refused before signing."""
    with pytest.raises(SignatureError):
        statement(replace(ASKED, **bad))


def test_time_runs_out(table: Table) -> None:
    """It counts up to its expiry and not longer; no expiry is more than a week ahead."""
    signature = table.sign("bob")
    table.check(signature, now=NOW + timedelta(seconds=7199))
    with pytest.raises(SignatureError, match="expired"):
        table.check(signature, now=NOW + timedelta(hours=2))
    late = replace(ASKED, expires=expiry(NOW + LONGEST + timedelta(seconds=1)))
    with pytest.raises(SignatureError, match="7 days"):
        table.check(table.sign("bob", late), late)


def test_a_seal_is_no_approval(table: Table) -> None:
    """A signature in another namespace approves nothing."""
    with pytest.raises(SignatureError, match="namespace"):
        table.check(table.sign("bob", namespace="audit@gonogo"))


def test_a_stranger_cannot_approve(table: Table) -> None:
    """A key that allowed_signers lacks, or bars from this namespace, does not count."""
    for line in ("", f'bob namespaces="file" {table.party.bob.key.line}', f"!bob {table.party.bob.key.line}"):
        with pytest.raises(SignatureError, match="may approve"):
            check(ASKED, table.sign("bob"), parse_signers(line.encode()), NOW)


def test_the_operator_cannot_approve(table: Table) -> None:
    """Neither with the key that seals, nor with another key of the same name, nor under another name."""
    with pytest.raises(SignatureError, match="drives this run"):
        table.check(table.sign("bob"), operator_keys=[table.party.bob.key])
    two = parse_signers(f"ann,eve {table.party.ann.key.line}\neve {table.party.eve.key.line}".encode())
    with pytest.raises(SignatureError, match="drives this run"):
        check(ASKED, table.sign("eve"), two, NOW, operator_keys=[table.party.ann.key])


def test_one_person_counts_once(table: Table) -> None:
    """One key under two names, and one name with two keys, are one person."""
    first = table.check(table.sign("bob"))
    with pytest.raises(SignatureError, match="approved already"):
        table.check(table.sign("bob"), earlier=[first])
    second = replace(first, principal="bobby")
    assert not satisfied([first, second], 2)
    other = table.check(table.sign("eve"))
    assert not satisfied([first, replace(other, principal="bob")], 2)
    assert satisfied([first, other], 2)
    assert not satisfied([], 1)


def test_a_role_is_needed_where_one_is_asked_for(table: Table) -> None:
    """Only members of the role count, under the name that the role knows them by."""
    roles = {"dba": ("robert",), "none": ()}
    given = table.check(table.sign("bob"), role="dba", roles=roles)
    assert given.principal == "robert"
    for role in ("none", "unknown"):
        with pytest.raises(SignatureError, match="does not have the role"):
            table.check(table.sign("bob"), role=role, roles=roles)
    assert satisfied([given], 1, "dba", roles)
    assert not satisfied([given], 1, "none", roles)


def test_what_is_no_signature_is_refused(table: Table) -> None:
    """Any other text handed in is refused with a reason."""
    for text in ("", "yes", statement(ASKED).decode()):
        with pytest.raises(SignatureError, match="not one block"):
            table.check(text)
