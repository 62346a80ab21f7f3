"""One line of the trail."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.trail import record as written
from gonogo.trail.record import GENESIS, BadLine, decode, encode

_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**52), 2**52)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3)
    ),
    max_leaves=8,
)


def _fields(number: int = 0, **more: object) -> dict[str, object]:
    return {"n": number, "t": "2026-01-01T00:00:00.000000Z", "m": 5, "k": "note", **more}


@given(_values)
def test_what_is_encoded_is_decoded(value: object) -> None:
    """Any value that JSON holds comes back the same, on one line."""
    line, head = encode(GENESIS, _fields(x=value))
    assert line.count(b"\n") == 1
    record, digest = decode(GENESIS, line, 0)
    assert record["x"] == value
    assert digest == head


@pytest.mark.parametrize("beside", [1, [{"a": 1}]])
def test_half_a_character_is_told_and_read_back(beside: object) -> None:
    """A file's name that is not UTF-8 holds such halves: its record tells them as text, and is not broken."""
    line, head = encode(GENESIS, _fields(name="a\udce9b", beside=beside))
    record, digest = decode(GENESIS, line, 0)
    assert record["name"] == r"a\udce9b"
    assert digest == head


@given(_values)
def test_a_value_is_spelled_one_way(value: object) -> None:
    """As Python's own JSON does it, whichever way is taken: a reader may compare lines."""
    line, _ = encode(GENESIS, _fields(x=value))
    body = line.rpartition(b',"h":')[0] + b"}"
    assert body == json.dumps(_fields(x=value), ensure_ascii=False, separators=(",", ":")).encode()


@pytest.mark.parametrize("value", [1.5, math.nan, -math.inf, 2**53, -(2**53), [1.0], {"a": [math.nan]}])
def test_a_number_that_readers_disagree_about_is_refused(value: object) -> None:
    """Floats and large integers are never written."""
    with pytest.raises(BadLine, match="only integers"):
        encode(GENESIS, _fields(x=value))


@given(st.data())
def test_a_flipped_bit_is_found(data: st.DataObject) -> None:
    """Whichever bit of a line changes, the line is refused."""
    line, _ = encode(GENESIS, _fields(text="the quick brown fox"))
    at = data.draw(st.integers(0, len(line) - 1))
    bit = data.draw(st.integers(0, 7))
    broken = bytearray(line)
    broken[at] ^= 1 << bit
    with pytest.raises(BadLine):
        decode(GENESIS, bytes(broken), 0)


@pytest.mark.parametrize(
    "body",
    [
        b'{"n":0,"m":1,"k":"a","k":"b"',
        b'{"n":0,"m":NaN,"k":"a"',
        b'{"n":1,"m":1,"k":"a"',
        b'{"n":0,"m":1',
        b"[" * 5000,
    ],
)
def test_bad_json_under_a_good_hash_is_refused(body: bytes) -> None:
    """A line whose hash fits but whose JSON is not ours is refused by name, never with a traceback."""
    import hashlib

    digest = hashlib.sha256(GENESIS + body).hexdigest().encode()
    with pytest.raises(BadLine):
        decode(GENESIS, body + b',"h":"' + digest + b'"}\n', 0)


def test_crlf_is_named() -> None:
    """A checkout that rewrote line ends is told so, with the mend."""
    line, _ = encode(GENESIS, _fields())
    with pytest.raises(BadLine, match="CRLF"):
        decode(GENESIS, line[:-1] + b"\r\n", 0)


_spelled = st.sampled_from(
    ["0", "-0", "7", "1.0", "1.5", "1e3", "9007199254740991", "9007199254740992", "-9007199254740992",
     "null", "true", "NaN", '"x"', '"\\u0041"', '"\\ud800"', '"\\ud83d\\ude00"', '"\\u001b"', '"\x1b"',
     '"\u00e9"', '["a"]', "[1]", "[]", '{"a":1}', '{"a":1,"a":2}',
     "123456789012345678901234567890", "[" * 20 + "]" * 20]
)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from("abcn"), _spelled), max_size=3), st.sampled_from([",", ", ", ",,"]))
def test_the_quick_reading_takes_nothing_that_the_careful_one_does_not(
    pairs: list[tuple[str, str]], between: str
) -> None:
    """Whatever the spelling, a record is the same or refused, as without the way for plain ones."""
    head = ['"n":0', '"t":"2026-01-01T00:00:00.000000Z"', '"m":5', '"k":"note"']
    data = ("{" + between.join([*head, *(f'"{key}":{value}' for key, value in pairs)]) + "}").encode()

    def read() -> Any:
        try:
            return written._parse_any(data)
        except BadLine:
            return None

    quick, careful = written._plain(data), read()
    assert quick is None or (quick == careful and list(quick) == list(careful))
