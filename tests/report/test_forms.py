"""The forms of a report: hostile text is inert in each, the schema holds, a browser is content."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import threading
from collections.abc import Callable
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from msgspec.structs import replace

from gonogo.report.collect import read_summary
from gonogo.report.forms import cast, cast2, html, junit, markdown
from gonogo.report.forms import csv as as_csv
from gonogo.report.forms import json as as_json
from gonogo.report.markup import Markup, tag, text
from gonogo.report.summary import Expected, Summary, Trust

from .made import SECOND, Made, plan_of, small, step_of

HOSTILE = "<script>alert(1)</script>]]>\x1b]52;c;eA==\x07\u202egnp.exe\x00</pre>`|&amp;\ufffe\"'"
FORMS = {"html": html, "markdown": markdown, "json": as_json, "junit": junit, "csv": as_csv}


def told(form: str, summary: Summary) -> str:
    """Return a form of a summary."""
    return "".join(FORMS[form].render(summary))


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A run in which every text that people and hosts give is hostile."""
    hosts = ["=cmd", "b", "c"]
    step = step_of("one", hosts, title=f"# {HOSTILE}", script=HOSTILE)
    made = Made(tmp_path, plan_of(step, title=f"A {HOSTILE}"), by=HOSTILE, tool=HOSTILE, runbook=HOSTILE)
    made.ask(0, question=HOSTILE)
    made.answer(reason=HOSTILE, by=HOSTILE)
    said = {host: HOSTILE + str(number // 2) for number, host in enumerate(hosts)}
    made.round(0, bad={"b": f"={HOSTILE}"}, said=said)
    made.add("note", by=HOSTILE, text=HOSTILE, step="one", tag=HOSTILE, link="javascript:alert(1)")
    made.add("outage.begin", service=HOSTILE, step="one")
    made.add("deviation", turn=0, step="one", what=HOSTILE, hosts=hosts, reason=HOSTILE, by=HOSTILE)
    made.add("seal.failed", why=HOSTILE)
    return made.close("aborted")


class _Tags(HTMLParser):
    """Collects what a browser would make of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[tuple[str, str]] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {(name, value or "") for name, value in attrs}
        if tag not in ("meta", "rect", "line"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in ("rect", "line"):
            assert self.open.pop() == tag


@pytest.mark.parametrize("form", FORMS)
def test_hostile_text_is_made_visible_in_every_form(hostile: Path, form: str) -> None:
    """No escape, no control character and no bidirectional override is left."""
    page = told(form, read_summary(hostile))
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202e]", page)
    assert "alert(1)" in page


def test_a_page_holds_no_tag_and_no_address_from_outside(hostile: Path) -> None:
    """Only the program's own elements, all closed, without a script, a handler or an address to fetch."""
    page = told("html", read_summary(hostile))
    parsed = _Tags()
    parsed.feed(page)
    assert parsed.open == []
    assert not parsed.tags & {"script", "img", "iframe", "object", "link", "base", "form"}
    assert not any(name.startswith("on") or name == "src" for name, _ in parsed.attributes)
    assert all(value.startswith("#") for name, value in parsed.attributes if name == "href")
    policy = next(value for name, value in parsed.attributes if value.startswith("default-src"))
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:")


def test_a_note_links_to_web_pages_only(tmp_path: Path) -> None:
    """The link of a note opens as a page, with nothing told to where it leads."""
    page = told("html", read_summary(small(tmp_path)))
    assert '<a href="https://example.org/1" rel="noreferrer noopener">' in page


def test_a_plain_string_never_becomes_markup() -> None:
    """Neither as a child nor in an attribute, and not when it is joined with markup."""
    assert tag("p", "<b>", title='"><b>') == '<p title="&quot;&gt;&lt;b&gt;">&lt;b&gt;</p>'
    assert tag("p", f"{tag('b', 'x')}") == "<p>&lt;b&gt;x&lt;/b&gt;</p>"
    assert isinstance(text("<"), Markup)


def test_markdown_takes_no_markup_from_outside(hostile: Path) -> None:
    """What a browser would read as a tag is escaped outside of code, and code ends where we end it."""
    from markdown_it import MarkdownIt

    page = told("markdown", read_summary(hostile))
    tokens = MarkdownIt("commonmark").parse(page)
    flat = [inner for token in tokens for inner in (token, *(token.children or ()))]
    ours = '<a id="failure-1"></a>'
    assert {one.content.strip() for one in flat if one.type == "html_inline"} <= {
        '<a id="failure-1">',
        "</a>",
    }
    assert {one.content.strip() for one in flat if one.type == "html_block"} <= {ours}
    assert not [one for one in flat if one.type == "link_open" and str(one.attrs["href"]).startswith("java")]


def test_markdown_lists_what_went_wrong_with_links(tmp_path: Path) -> None:
    """The draft of a post-mortem begins with it, and has the outage's times."""
    page = told("markdown", read_summary(small(tmp_path)))
    wrong = page[page.index("## What went wrong") : page.index("## Where the run departs")]
    assert "[1. Stop](#failure-1), batch 1: cp02 failed; in the end: ok" in wrong
    assert '<a id="failure-1"></a>' in page
    assert re.search(r"\| api \| .* \| .* \| 45 min \d\d s \|", page)
    assert "-6.1.0\n+5.9.0" in page


def test_a_service_that_was_not_brought_back_is_what_went_wrong(tmp_path: Path) -> None:
    """And one that was away twice has its whole time."""
    made = Made(tmp_path, plan_of(step_of("one", ["a"])))
    for _ in range(2):
        made.add("outage.begin", service="api", step="one")
        made.add("outage.end", service="api", step="one", after=60 * SECOND)
    made.add("outage.begin", service="cells", step="one")
    summary = read_summary(made.close("aborted"))
    page, draft = told("html", summary), told("markdown", summary)
    assert page.index("What went wrong") < page.index("cells is away since") < page.index("Outages")
    assert '<td colspan="2">in all</td><td class="num">2 min 00 s</td>' in page
    assert "- cells is away since" in draft
    assert "| api | in all | | 2 min 00 s |" in draft


def test_json_keeps_to_its_schema(tmp_path: Path, hostile: Path, root: Path) -> None:
    """The documented schema describes every report."""
    schema = json.loads((root / "docs" / "report.schema.json").read_text())
    for run in (small(tmp_path / "small"), hostile):
        summary = replace(
            read_summary(run),
            trust=Trust("complete", "", 9, "00", 3, 1, ("bob",), ("a note",)),
            expected={"stop": Expected(1, 2, 3, 4)},
        )
        jsonschema.validate(json.loads(told("json", summary)), schema)


def test_csv_has_a_row_for_each_host_and_step_and_no_formula(hostile: Path, tmp_path: Path) -> None:
    """A text that a spreadsheet would run is kept a text."""
    rows = list(csv.DictReader(io.StringIO(told("csv", read_summary(small(tmp_path / "small"))))))
    assert len(rows) == 18
    assert {row["host"] for row in rows if row["step"] == "check"} == {f"cp{at:02}" for at in range(1, 7)}
    assert rows[1] | {"host": "cp02", "state": "ok", "attempt": "2", "exit_code": "0"} == rows[1]
    cells = [cell for row in csv.reader(io.StringIO(told("csv", read_summary(hostile)))) for cell in row]
    assert "'=cmd" in cells
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_junit_fails_where_a_step_failed(hostile: Path, tmp_path: Path) -> None:
    """XML parsers read it; a failure that was made good is none."""
    good = ET.fromstring(told("junit", read_summary(small(tmp_path / "small"))))
    assert (good.get("tests"), good.get("failures")) == ("3", "0")
    assert [case.get("name") for case in good.iter("testcase") if case.find("skipped") is not None] == [
        "Last"
    ]
    bad = ET.fromstring(told("junit", read_summary(hostile)))
    assert bad.get("failures") == "1"
    assert "alert(1)" in (bad.find(".//failure").text or "")  # type: ignore[union-attr]


def test_a_recording_is_an_asciicast_of_version_3(tmp_path: Path) -> None:
    """A head, then intervals; pauses are shortened, and questions are marked."""
    head, *events = [json.loads(line) for line in "".join(cast.render(small(tmp_path))).splitlines()]
    assert (head["version"], head["term"]) == (3, {"cols": 110, "rows": 32})
    assert all(0 <= pause <= cast.IDLE and code in "om" for pause, code, _ in events)
    assert "Stop on 3 hosts?" in [data for _, code, data in events if code == "m"]
    assert all(data.endswith("\r\n") for _, code, data in events if code == "o")


def test_an_older_recording_counts_from_its_begin(tmp_path: Path) -> None:
    """Version 2 has another head, and times that never go back."""
    run = small(tmp_path)
    head, *events = [json.loads(line) for line in "".join(cast2.render(run)).splitlines()]
    assert (head["version"], head["width"], head["height"]) == (2, 110, 32)
    times = [at for at, _, _ in events]
    assert times == sorted(times)
    newer = [json.loads(line) for line in "".join(cast.render(run)).splitlines()][1:]
    assert [event[1:] for event in events] == [event[1:] for event in newer]
    assert times[-1] == pytest.approx(sum(pause for pause, _, _ in newer), abs=0.1)


def wide(folder: Path, steps: int, hosts: int) -> Path:
    """Return a run of so many steps on so many hosts, in which some hosts differ."""
    names = [f"cp{number:04}" for number in range(hosts)]
    made = Made(folder, plan_of(*(step_of(f"step-{at}", names, script="x" * 2000) for at in range(steps))))
    for turn in range(steps):
        bad = {names[turn]: "exit code 1"} if turn % 10 == 0 else {}
        made.round(turn, bad=bad, said={names[at]: f"out {at}\n" * 20 for at in range(turn % 20)})
        if bad:
            made.ask(turn, "failure")
            made.answer("leave-out", reason="broken")
        made.end(turn)
    return made.close()


def test_a_page_grows_with_what_differs_and_not_with_hosts(tmp_path: Path) -> None:
    """Ten times the hosts make a page of about the same size: those that fared alike share a row."""
    few, many = (told("html", read_summary(wide(tmp_path / str(n), 30, n))) for n in (40, 400))
    assert len(many) < 1.2 * len(few) < 600_000


@pytest.mark.parametrize("form", ["html", "markdown"])
def test_lines_that_a_report_leaves_out_are_counted(form: str, tmp_path: Path) -> None:
    """All that hosts printed counts, not the beginning that the trail has of it; a host is odd behind it."""
    made = Made(tmp_path, plan_of(step_of("one", ["a1", "a2", "a3"])))
    usual = "".join(f"line {number:04}\n" for number in range(5_000))
    made.round(0, said={"a1": usual, "a2": usual, "a3": f"{usual}one more\n"})
    report = told(form, read_summary(made.close()))
    assert "line 0029\n… 4,970 more lines" in report
    assert "no difference in what is told here" in report


def test_a_budget_bounds_what_a_page_quotes(tmp_path: Path) -> None:
    """Past it the page says where the rest is."""
    from gonogo.report.forms.html.steps import TEXT, Budget

    assert Budget().take("x" * (TEXT + 1)) == "x" * TEXT + "…"
    budget = Budget(100)
    assert budget.take("x" * 200) == "x" * 200
    assert "--to json" in budget.take("more")


@pytest.fixture
def visited() -> Any:
    """Paths that a server on loopback was asked for: a page that fetches anything is seen."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1], asked
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_browser_draws_the_page_and_runs_nothing(
    hostile: Path, tmp_path: Path, need: Callable[[str, str], str], visited: tuple[int, list[str]]
) -> None:
    """Without a word on its console, at a phone's width and a desk's; nothing is fetched, clicked or not."""
    chromium = need("chromium", "chromium")
    port, asked = visited
    made = Made(tmp_path, plan_of(step_of("one", ["a"])), hour=18)
    inject = (
        f"<img src=http://127.0.0.1:{port}/a onerror=x><style>@import url(http://127.0.0.1:{port}/b)</style>"
    )
    made.round(0, bad={"a": inject}, said={"a": inject})
    made.add("note", by="a", text=inject, step="one", link=f"http://127.0.0.1:{port}/c")
    kept = Path(__file__).parents[1] / "data/runs/sealed"
    for number, (run, size) in enumerate(
        ((hostile, "390,900"), (made.close(), "390,900"), (kept, "1280,900"))
    ):
        page = tmp_path / f"page{number}.html"
        page.write_text(told("html", read_summary(run)))
        found = subprocess.run(
            [chromium, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0",
             f"--window-size={size}", f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page.as_uri()],
            capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        assert "CONSOLE" not in found.stderr
        assert "What went wrong" in found.stdout
        assert (run != kept) or found.stdout.count("<polyline") == 1
    assert asked == []


def test_a_recording_that_is_too_long_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It ends with the word that there is more."""
    run = small(tmp_path)
    monkeypatch.setattr(cast, "LINES", 5)
    *_, last = [json.loads(line) for line in "".join(cast.render(run)).splitlines()]
    assert "too long" in last[2]
