"""What the values of keys mean: durations, flags, ramps, exit maps, conditions, times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.format.condition import names, parse
from gonogo.format.duration import duration, duration_text
from gonogo.format.keys import KEYS, between
from gonogo.format.model import Options, Verdict
from gonogo.format.moment import moment

NOON = datetime(2026, 11, 21, 12, 0, 30, tzinfo=timezone(timedelta(hours=1)))


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("timeout", "250ms", 0.25),
        ("timeout", "30s", 30.0),
        ("timeout", "1.5h", 5400.0),
        ("timeout", "2d", 172800.0),
        ("read-only", "", True),
        ("read-only", "yes", True),
        ("read-only", "false", False),
        ("batch", "1, 10,20%", ("1", "10", "20%")),
        ("max-failures", "0", "0"),
        ("between", "5m", "300"),
        ("exit", "0=ok 1=again, 2=stop", ((0, Verdict.OK), (1, Verdict.AGAIN), (2, Verdict.STOP))),
        ("env", "A=1,B=x=y", (("A", "1"), ("B", "x=y"))),
        ("tags", "slow, db", ("slow", "db")),
        ("capture-keys", "a,b c", ("a", "b", "c")),
    ],
)
def test_values_mean_what_the_format_says(key: str, text: str, value: object) -> None:
    """Both spellings read a value from the same words."""
    assert KEYS[key][1](text) == value


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("timeout", "30"),
        ("timeout", "1:30"),
        ("timeout", "-5s"),
        ("timeout", "99999999999s"),
        ("read-only", "maybe"),
        ("batch", "0"),
        ("batch", "0%"),
        ("batch", "150%"),
        ("batch", "1,,2"),
        ("between", "500ms"),
        ("between", "1.5m"),
        ("batch", "1" + "0" * 5000),
        ("exit", "0" * 5000 + "=ok"),
        ("parallel", "٣"),
        ("parallel", "0"),
        ("retries", "-1"),
        ("retries", "9999999999"),
        ("max-failures", "some"),
        ("exit", "1=maybe"),
        ("exit", "256=ok"),
        ("exit", "1=ok 1=fail"),
        ("env", "1A=b"),
        ("env", "A=1,A=2"),
        ("hosts", "-oProxyCommand=x"),
        ("hosts", " "),
        ("as", "root; reboot"),
        ("as", "-u"),
        ("capture", "a-b"),
        ("expect", "("),
        ("at", "25:00"),
        ("at", "tomorrow"),
        ("at", "2026-11-21"),
        ("when", ""),
        ("gate", "maybe"),
    ],
)
def test_a_bad_value_is_refused_with_a_reason(key: str, text: str) -> None:
    """The message repeats what was written, or says that nothing was."""
    with pytest.raises(ValueError, match=r"is no|missing|neither|is not known|stands twice|not understood"):
        KEYS[key][1](text)


def test_every_key_sets_a_field_of_its_own() -> None:
    """No two keys share a field, and every option has a key."""
    fields = [field for field, _ in KEYS.values()]
    assert sorted(fields) == sorted(Options.__struct_fields__)


@given(st.from_regex(r"[0-9]{1,9}(\.[0-9]{1,9})?(ms|s|m|h|d)", fullmatch=True))
def test_durations_are_written_as_they_are_read(text: str) -> None:
    """Whatever a runbook says, what is written of it reads back to exactly the same seconds."""
    assert duration(duration_text(duration(text))) == duration(text)


@pytest.mark.parametrize("text", ["0s", "250ms", "90s", "15m", "2h", "1d", "0.5ms"])
def test_durations_are_written_as_people_write_them(text: str) -> None:
    """The largest unit that needs no fraction is taken."""
    assert duration_text(duration(text)) == text


@given(st.integers(0, 10**6))
def test_pauses_between_batches_are_whole_seconds(seconds: int) -> None:
    """A pause is kept as digits."""
    assert between(f"{seconds}s") == str(seconds)


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("$release == havana", True),
        ("$release == 'havana'", True),
        ('$release != "havana"', False),
        ("${release} =~ '^hav'", True),
        ("$count > 3", True),
        ("$count >= 10 and $count <= 10", True),
        ("$count < 9", False),
        ("$release < 9", False),
        ("$missing == ''", True),
        ("$missing", False),
        ("$no", False),
        ("not $no", True),
        ("$release", True),
        ("not $release == icehouse", True),
        ("$no or $release and $no", False),
        ("($no or $release) and $count", True),
        ("not ($no or $missing)", True),
    ],
)
def test_a_condition_holds_or_not(condition: str, holds: bool) -> None:
    """`and` binds more closely than `or`; numbers are compared as numbers; a missing value is empty."""
    assert parse(condition).holds({"release": "havana", "count": "10", "no": "false"}) is holds


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("$a ==", "a value is missing at the end"),
        ("== b", "a value is missing before '=='"),
        ("($a", "a bracket is never closed"),
        ("$a)", "'\\)' is not expected there"),
        ("$a $b", "'\\$b' is not expected there"),
        ("$a =~ $b", "a host could send any"),
        ("$a =~ '('", "no regular expression"),
        ("'open", "not understood"),
        ("(" * 50 + "$a" + ")" * 50, "nested too deeply"),
    ],
)
def test_a_bad_condition_says_what_is_wrong(condition: str, said: str) -> None:
    """Each mistake has its own words."""
    with pytest.raises(ValueError, match=said):
        parse(condition)


def test_a_condition_names_what_it_looks_at() -> None:
    """Every variable in it is found, on both sides and in brackets."""
    assert list(names(parse("$a == $b or not (${c} > 1 and d)"))) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("22:30", datetime(2026, 11, 21, 22, 30, tzinfo=NOON.tzinfo)),
        ("9:05", datetime(2026, 11, 22, 9, 5, tzinfo=NOON.tzinfo)),
        ("12:00", datetime(2026, 11, 22, 12, 0, tzinfo=NOON.tzinfo)),
        ("2026-12-01T01:00", datetime(2026, 12, 1, 1, 0, tzinfo=NOON.tzinfo)),
        ("2026-12-01T01:00Z", datetime(2026, 12, 1, 1, 0, tzinfo=UTC)),
    ],
)
def test_a_clock_time_is_the_next_one(text: str, found: datetime) -> None:
    """A time with a date is that one; without an offset it is in the operator's zone."""
    assert moment(text, NOON) == found
