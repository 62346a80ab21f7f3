"""Masking secrets in what hosts print, in every form they commonly take, wherever the pieces are cut."""

from __future__ import annotations

import base64
import json
import re
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.text import clean
from gonogo.trail.redact import MASK, SHORTEST, Redactor

SECRET = "hunter2/über+geheim"
KEY = "-----BEGIN KEY-----\n" + "\n".join(chr(65 + line) * 64 for line in range(6)) + "\n-----END KEY-----\n"
COLOUR = re.compile(rb"\x1b\[[0-9;]*[mK]")

FORMS = {
    "plain": SECRET,
    "hex": SECRET.encode().hex(),
    "upper-case hex": SECRET.encode().hex().upper(),
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "base64 behind a user's name": base64.b64encode(f"admin:{SECRET}".encode()).decode(),
    "URL": quote(SECRET, safe=""),
    "URL path": quote(SECRET),
    "URL in lower case": re.sub("%..", lambda code: code[0].lower(), quote(SECRET, safe="")),
    "form": quote_plus(SECRET),
    "JSON": json.dumps(SECRET),
    "JSON as PHP writes it": json.dumps(SECRET).replace("/", "\\/"),
}


def _pass(secrets: list[str], data: bytes, size: int) -> bytes:
    redactor = Redactor(secrets)
    out = b"".join(redactor.feed(data[at : at + size]) for at in range(0, len(data), size))
    return out + redactor.finish()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("size", [1, 2, 7, 4096])
def test_every_form_is_masked(form: str, size: int) -> None:
    """A secret in any of its forms is masked at any chunk size, and what stands around it stays."""
    said = _pass([SECRET], f"before {FORMS[form]} after\n".encode(), size)
    assert MASK in said
    assert b"geheim" not in said
    assert FORMS[form].strip('"').encode()[8:] not in said
    assert said.startswith(b"before ")
    assert said.endswith(b" after\n")


@pytest.mark.parametrize("size", [1, 3, 4096])
def test_each_line_of_a_long_secret_is_masked(size: int) -> None:
    """A key is masked as a whole, line by line, and in base64 with its lines broken."""
    assert b"A" * 8 not in _pass([KEY], f"CCC\n{'A' * 64}\n".encode(), size)
    coded = base64.encodebytes(KEY.encode())
    assert not any(line[:16] in _pass([KEY], coded, size) for line in coded.splitlines())


@pytest.mark.parametrize("size", [1, 2, 5, 4096])
def test_colours_inside_a_secret_hide_nothing(size: int) -> None:
    """A secret that `grep --color` has cut in pieces is masked; its colours still begin and end."""
    text = b"x \x1b[01;31m\x1b[Khunter2\x1b[m\x1b[K/\xc3\xbcber+geheim y\x1b[0m\n"
    said = _pass([SECRET], text, size)
    assert said == b"x \x1b[01;31m\x1b[K[secret]\x1b[m\x1b[K y\x1b[0m\n"
    assert "hunter2" not in clean(said.decode())


def test_what_cannot_be_a_secret_is_let_go_at_once() -> None:
    """A prompt without a newline is shown when it comes; only what may begin a secret waits."""
    redactor = Redactor([SECRET])
    assert redactor.feed(b"Continue? ") == b"Continue? "
    assert redactor.feed(b"hunt") == b""
    assert redactor.feed(b"er") == b""
    assert redactor.feed(b" down") == b"hunter down"


def test_the_longer_of_two_secrets_is_masked_whole() -> None:
    """Where one secret begins like another, the end of the longer one does not get through."""
    for size in (1, 3, 100):
        assert _pass(["secret-1", "secret-1-long"], b"a secret-1-long b secret-1 c", size) == (
            b"a [secret] b [secret] c"
        )


def test_memory_is_bounded() -> None:
    """A host that prints escape sequences without end behind half a secret is let go."""
    redactor = Redactor([SECRET])
    redactor.feed(b"hunt")
    assert sum(len(redactor.feed(b"\x1b[0m" * 1000)) for _ in range(100)) > 300_000


def test_texts_of_any_kind_pass() -> None:
    """Reasons that hold half a surrogate pair are masked like others."""
    assert Redactor([SECRET]).text(f"\udcff {SECRET} \ud800") == "\udcff [secret] \ud800"


_noise = st.text(st.sampled_from("hunter2/üb+g \x1b[0;1mK"), max_size=12).map(str.encode)
_secret = st.text(st.sampled_from("abAB12/+ü"), min_size=SHORTEST, max_size=20)


@given(st.lists(st.one_of(_noise, st.just(SECRET.encode())), max_size=8), st.integers(1, 40))
def test_the_cuts_change_nothing(pieces: list[bytes], size: int) -> None:
    """Any text, cut anywhere, comes out as if it had come in one piece, without the secret."""
    data = b"".join(pieces)
    said = _pass([SECRET], data, size)
    assert said == _pass([SECRET], data, len(data) or 1)
    assert SECRET.encode() not in COLOUR.sub(b"", said)


@given(_secret, st.lists(st.integers(0, 60), max_size=6), st.integers(1, 30))
def test_a_secret_with_colours_anywhere_is_masked(secret: str, at: list[int], size: int) -> None:
    """Whatever the secret, and wherever escape sequences stand in it, it does not get through."""
    coloured = secret.encode()
    for place in sorted({min(place, len(coloured)) for place in at}, reverse=True):
        coloured = coloured[:place] + b"\x1b[1m" + coloured[place:]
    said = _pass([secret], b"<" + coloured + b">", size)
    assert COLOUR.sub(b"", said) == b"<[secret]>"
