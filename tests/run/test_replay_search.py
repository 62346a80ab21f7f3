"""Searching a whole run: its records' own words, and what was printed, packed or across chunks."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from gonogo.run.replay.search import Hit, find
from gonogo.trail.output import OutputWriter, output_path

from .recorded import story, write_trail


def hits(run: Path, wanted: str) -> list[Hit]:
    """Return all that is found."""
    end = (run / "audit.jsonl").stat().st_size
    return [hit for hit in find(run, wanted, end, lambda: False) if hit is not None]


def test_records_are_found_by_their_own_words_alone(tmp_path: Path) -> None:
    """A reason is found whatever its case; a field's name, a kind's key and a hash are not."""
    story(tmp_path)
    (found,) = [hit for hit in hits(tmp_path, "BEING reinstalled") if hit.land]
    assert found.text.startswith("gate.answer: cp16 and cp17 are being reinstalled")
    assert not hits(tmp_path, "excerpt")


@pytest.mark.parametrize("wanted", ['say "go"', "back\\slash", "zwei\nZeilen", "Grüße", "[/]", "(a|b)*"])
def test_words_are_taken_as_they_are(tmp_path: Path, wanted: str) -> None:
    """Quotes, backslashes, line ends, other letters and patterns' signs stand for themselves."""
    link = story(tmp_path, "go_gate")
    link.tell("note", by="alice", text=f"before {wanted} behind")
    write_trail(tmp_path, link.state.plan, link.records)
    (found,) = hits(tmp_path, wanted)
    assert found.land == len(link.records)
    assert "\n" not in found.text


@pytest.mark.parametrize("packed", [False, True])
def test_output_is_found_across_chunks_with_its_host_and_time(tmp_path: Path, packed: bool) -> None:
    """Each line once, at the time of the chunk that completes it; other hosts' chunks may lie between."""
    link = story(tmp_path, "go_gate")
    path = output_path(tmp_path, 1, 2)
    writer = OutputWriter(path)
    for at, host, data in (
        (5, "a", b"one nee"),
        (6, "b", b"hay\n"),
        (7, "a", b"dle\ntwo NEEDLE\n"),
        (8, "b", b"needle"),
    ):
        writer.write(at, host, "o", data)
    writer.close()
    if packed:
        path.with_name(path.name + ".gz").write_bytes(gzip.compress(path.read_bytes()))
        path.unlink()
    found = [(hit.at, hit.host, hit.turn, hit.text) for hit in hits(tmp_path, "needle")]
    assert found == [(7, "a", 1, "one needle"), (7, "a", 1, "two NEEDLE"), (8, "b", 1, "needle")]
    assert link.state.count


def test_a_search_ends_when_it_is_told_to(tmp_path: Path) -> None:
    """It asks between files and every so many records."""
    story(tmp_path)
    end = (tmp_path / "audit.jsonl").stat().st_size
    assert list(find(tmp_path, "Transaction", end, lambda: True)) == [
        hit for hit in hits(tmp_path, "Transaction") if hit.land
    ]


def test_what_a_host_printed_comes_clean(tmp_path: Path) -> None:
    """No escape reaches the list."""
    story(tmp_path, "go_gate")
    writer = OutputWriter(output_path(tmp_path, 1, 2))
    writer.write(5, "a", "o", b"\x1b[2J\x1b]0;gone\x07 needle \xff\n")
    writer.close()
    (found,) = hits(tmp_path, "needle")
    assert "\x1b" not in found.text
    assert "\x07" not in found.text
