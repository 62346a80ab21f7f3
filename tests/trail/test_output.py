"""What the hosts printed, on disk."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from gonogo.trail.output import LIMIT, OutputReader, OutputWriter, output_path, read_host
from gonogo.trail.redact import MASK, Redactor


def test_bytes_come_back_as_sent(tmp_path: Path) -> None:
    """NULs, newlines, header look-alikes and invalid UTF-8 are kept byte for byte, hosts apart."""
    path = output_path(tmp_path, 3, 1)
    writer = OutputWriter(path)
    hostile = b"\0\xff\x1b]52;c;x\x07\n#1 o other 3\nabc\r\n"
    writer.write(1, "a", "o", hostile)
    writer.write(2, "b", "e", b"[FAILED] [/]")
    writer.write(3, "a", "o", b"end")
    one, two = writer.finish(4, "a"), writer.finish(4, "b")
    writer.close()
    assert read_host(path, "a") == hostile + b"end"
    assert read_host(path, "b", "e") == b"[FAILED] [/]"
    assert (one.out, one.err, two.err) == (len(hostile) + 3, 0, 12)
    assert one.digest != two.digest


def test_equal_outputs_have_equal_digests(tmp_path: Path) -> None:
    """However output is cut into pieces, the same bytes give the same digest."""
    writer = OutputWriter(output_path(tmp_path, 0, 1))
    writer.write(1, "a", "o", b"hello world")
    writer.write(1, "b", "o", b"hello ")
    writer.write(2, "b", "o", b"world")
    digests = {writer.finish(3, host).digest for host in ("a", "b")}
    writer.close()
    assert len(digests) == 1


def test_a_flood_keeps_its_head_and_tail(tmp_path: Path) -> None:
    """Past the limit the middle is counted, and the file says how much is missing."""
    path = output_path(tmp_path, 0, 1)
    writer = OutputWriter(path)
    writer.write(0, "a", "o", b"HEAD")
    for _ in range(50):
        writer.write(1, "a", "o", b"x" * 100_000)
    writer.write(2, "a", "o", b"TAIL")
    summary = writer.finish(3, "a")
    writer.close()
    kept = read_host(path, "a")
    assert summary.out == 5_000_008
    assert kept.startswith(b"HEAD")
    assert kept.endswith(b"TAIL")
    assert f"{summary.dropped} bytes left out here".encode() in kept
    assert len(kept) <= LIMIT + 100


def test_a_growing_file_is_followed(tmp_path: Path) -> None:
    """A reader sees whole chunks as they are flushed, each once, and none half-written."""
    path = output_path(tmp_path, 0, 1)
    reader = OutputReader(path)
    assert list(reader.more()) == []
    writer = OutputWriter(path)
    writer.write(1, "a", "o", b"one")
    writer.close()
    assert [chunk.data for chunk in reader.more()] == [b"one"]
    whole = path.read_bytes()
    path.write_bytes(whole + b"#2 o a 5\nhal")
    assert list(reader.more()) == []
    path.write_bytes(whole + b"#2 o a 5\nhalf!\n")
    assert [chunk.data for chunk in reader.more()] == [b"half!"]


@given(st.lists(st.integers(1, 9), max_size=60))
def test_a_secret_is_masked_however_it_is_cut(sizes: list[int]) -> None:
    """A secret, plain or coded, never passes the redactor, at any chunk boundaries."""
    text = b"user:hunter2-hunter2 b64 aHVudGVyMi1odW50ZXIy hex 68756e746572322d68756e74657232 end"
    redactor = Redactor(["hunter2-hunter2"])
    passed, at = b"", 0
    for size in [*sizes, len(text)]:
        passed += redactor.feed(text[at : at + size])
        at += size
    passed += redactor.finish()
    assert b"hunter2" not in passed
    assert b"aHVudGVyMi1odW50ZXIy" not in passed
    assert b"68756e7465" not in passed
    assert passed.count(MASK) == 3
    assert passed.endswith(b" end")
