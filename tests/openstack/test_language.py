"""The words of a block in `openstack`."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.errors import ExecutorError
from gonogo.executors.openstack.commands import WORDS
from gonogo.executors.openstack.language import parse


def test_each_line_is_a_command_with_options_and_flags() -> None:
    """Comments and empty lines are nothing; values may stand in quotes."""
    asks = parse(
        '# before\nservices up binary=nova-compute\n\nnode disable host=cp01 reason="new kernel"  # why\n'
        "smoke flavor=tiny image=cirros network=net ping\n",
        {},
        WORDS,
    )
    assert [(one.name, one.line) for one in asks] == [("services up", 2), ("node disable", 4), ("smoke", 5)]
    assert asks[1].options == {"host": "cp01", "reason": "new kernel"}
    assert asks[2].flags == {"ping"}


def test_a_value_never_becomes_a_command_or_an_option() -> None:
    """It is put in after the line was taken apart, whatever it holds."""
    (ask,) = parse("services up host=$name", {"name": "cp01 count=0\nsmoke clean # '"}, WORDS)
    assert ask.options == {"host": "cp01 count=0\nsmoke clean # '"}


@pytest.mark.parametrize(
    ("script", "what"),
    [
        ("servicess up", "line 1 of the block: there is no command 'servicess up'"),
        ("\nservices up hots=cp01", "line 2 of the block: there is no word 'hots=cp01'"),
        ("services up up", "there is no word 'up'"),
        ("services up host=a host=b", "host stands twice"),
        ("node disable host=cp01", "node disable needs reason="),
        ("services up host=$nobody", "$nobody has no value"),
        ("smoke flavor=tiny", "smoke needs one of image= and upload="),
        ("smoke flavor=tiny image=a upload=b", "smoke needs one of image= and upload="),
        ("smoke flavor=tiny image=a ping", "smoke needs network= for ping"),
        ("smoke flavor=tiny image=a format=raw", "smoke needs upload= for format"),
        ('services up host="cp01', "the quotes do not match"),
        ("# nothing", "there is no command"),
        ("snapshot pets", "there is no command 'snapshot pets'"),
    ],
)
def test_a_mistake_is_told_with_its_line(script: str, what: str) -> None:
    """Nothing has run by then."""
    with pytest.raises(ExecutorError) as caught:
        parse(script, {}, WORDS)
    assert what in caught.value.what


def test_a_slip_is_answered_with_what_was_meant() -> None:
    """The mend names the nearest word."""
    with pytest.raises(ExecutorError) as caught:
        parse("services up binry=nova-compute", {}, WORDS)
    assert caught.value.mend == "Did you mean binary=?"


@given(st.text(), st.dictionaries(st.sampled_from(["a", "b", "host"]), st.text()))
def test_any_text_is_read_or_refused(script: str, values: dict[str, str]) -> None:
    """There is no text that ends in another error."""
    with suppress(ExecutorError):
        parse(script, values, WORDS)
