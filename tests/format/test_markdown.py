"""Markdown documents become checklists."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonogo.errors import RunbookError
from gonogo.format.load import Loaded, loads
from gonogo.format.model import Kind, Step
from gonogo.format.titles import escaped, plain

HEAD = "---\ngonogo: 1\ntitle: Test\n---\n\n"


def load(body: str, head: str = HEAD) -> Loaded:
    """Load a document of ours."""
    return loads((head + body).encode(), "test.md")


def steps(loaded: Loaded) -> list[Step]:
    """Return the checklist's steps."""
    return [step for _, step in loaded.runbook.steps()]


def codes(loaded: Loaded) -> list[str]:
    """Return the problems' codes in order; that a step has no rollback is another matter."""
    return [problem.code for problem in loaded.problems if problem.code != "no-rollback"]


def test_blocks_and_checkboxes_are_steps_in_document_order() -> None:
    """Each run block and each checkbox is one step, titled by its heading or item."""
    found = load("## Look\n\n```sh {read-only}\nuname -r\n```\n\n## After\n\n- [ ] All is well\n")
    assert [(step.id, step.title, step.kind) for step in steps(found)] == [
        ("look", "Look", Kind.RUN),
        ("after/all-is-well", "All is well", Kind.CONFIRM),
    ]
    assert codes(found) == []


def test_lists_nest_and_hold_fences() -> None:
    """A fence inside an ordered list at any depth is found, with the item as its title."""
    found = load(
        "## Work\n\n1. Outer\n\n   - Inner\n\n     ```sh\n     echo a\n     ```\n\n2. Next\n\n   ```sh\n   echo b\n   ```\n"
    )
    assert [step.title for step in steps(found)] == ["Inner", "Next"]
    assert [step.script.text for step in steps(found) if step.script] == ["echo a", "echo b"]


def test_check_and_rollback_belong_to_the_step_before() -> None:
    """A {check} and a {rollback} block attach to the block before them; alone they are an error."""
    found = load("## A\n\n```sh\na\n```\n\n```sh {check}\nb\n```\n\n```sh {rollback}\nc\n```\n")
    (step,) = steps(found)
    assert step.check is not None
    assert step.rollback is not None
    assert codes(load("```sh {check}\nb\n```\n")) == ["nothing-to-attach"]


def test_defaults_of_a_heading_hold_for_what_is_under_it() -> None:
    """A comment on a heading gives its steps their hosts and user; their own keys win."""
    found = load(
        "## W <!-- gonogo: hosts=web as=root -->\n\n### A\n\n```sh\na\n```\n\n### B\n\n```sh {hosts=db}\nb\n```\n"
    )
    first, second = steps(found)
    assert (first.options.hosts, first.options.run_as) == ("web", "root")
    assert (second.options.hosts, second.options.run_as) == ("db", "root")


def test_a_batch_on_a_heading_makes_the_section_roll() -> None:
    """All steps of a rolling section share its batches; none has one of its own."""
    found = load(
        "## W <!-- gonogo: hosts=web batch=1,50% -->\n\n1. A\n\n   ```sh\n   a\n   ```\n\n2. B\n\n   ```sh\n   b\n   ```\n"
    )
    sections = [above[-1] for above, _ in found.runbook.steps()]
    assert all(section.rolling and section.rolling.batch == ("1", "50%") for section in sections)
    assert all(step.options.batch == () for step in steps(found))


def test_an_outage_on_a_heading_spans_its_steps() -> None:
    """The first step begins it and the last one ends it."""
    found = load(
        "## W <!-- gonogo: outage-begin=api outage-end=api -->\n\n1. A\n\n   ```sh\n   a\n   ```\n\n2. B\n\n   ```sh\n   b\n   ```\n"
    )
    first, second = steps(found)
    assert (first.options.outage_begin, first.options.outage_end) == ("api", None)
    assert (second.options.outage_begin, second.options.outage_end) == (None, "api")


@pytest.mark.parametrize(
    ("info", "code"),
    [
        ("sh {hsots=web}", "unknown-key"),
        ("sh {timeout=15}", "bad-value"),
        ("sh {timeout=1:30}", "bad-value"),
        ("sh {batch=0}", "bad-value"),
        ("sh {batch=150%}", "bad-value"),
        ("sh {hosts=-oProxyCommand=x}", "bad-value"),
        ("sh {as=-root}", "bad-value"),
        ("sh {expect=(}", "bad-value"),
        ("sh {exit=1=maybe}", "bad-value"),
        ("sh {hosts=web", "bad-attributes"),
        ('sh {hosts="web}', "bad-attributes"),
        ('sh {"hosts": web}', "bad-attributes"),
        ("sh {read-only read-only}", "bad-attributes"),
        ("sh {until=x}", "bad-value"),
        ("sh {gate=maybe}", "bad-value"),
        ("sh {same-as=nothing}", "no-capture"),
        ("sh {outage-begin=api}", "outage"),
    ],
)
def test_mistakes_in_attributes_are_found_at_their_place(info: str, code: str) -> None:
    """Every mistake is an error in the fence's line, with its code."""
    found = load(f"## A\n\n```{info}\ntrue\n```\n")
    problem = next(problem for problem in found.problems if problem.code == code)
    assert problem.place.line == 8
    assert str(problem).startswith("test.md:8:")


def test_an_unknown_key_is_told_the_near_one() -> None:
    """A misspelt key is answered with the right one."""
    assert "Did you mean 'hosts'?" in "".join(map(str, load("```sh {hsots=a}\ntrue\n```\n").problems))


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("```sh\necho <RELEASE>\n```\n", "placeholder"),
        ("```sh\necho {{ x }}\n```\n", "template"),
        ("```sh\necho $nope\n```\n", "undefined-variable"),
        ("```sh\nif true\n```\n", "shell-syntax"),
        ("```sh\ntrue\n", "unclosed-fence"),
        ("```sh {id=a}\ntrue\n```\n\n```sh {id=a}\ntrue\n```\n", "duplicate-id"),
    ],
)
def test_mistakes_in_commands_are_found(body: str, code: str) -> None:
    """What is left open, undefined or malformed in a command is reported."""
    assert code in codes(load(body))


@pytest.mark.parametrize(
    "script",
    [
        "x=1; echo $x",
        "for h in a b; do echo $h; done",
        "read -r l </etc/hostname; echo $l",
        "echo '$no'",
        "echo ${D:-x} # $no",
        "echo $HOME $1 $? $$",
    ],
)
def test_variables_that_are_set_are_not_reported(script: str) -> None:
    """The shell's own ways to set, quote and default a variable are understood."""
    assert codes(load(f"```sh\n{script}\n```\n")) == []


def test_prompts_and_sample_output() -> None:
    """In a console block only prompted lines are commands; in sh a leading $ is taken off and # is a comment."""
    found = load(
        "## A\n\n```console\n$ uname -r\n6.1\n# id \\\n> -u\n0\n```\n\n## B\n\n```sh\n$ true\n# note\n```\n"
    )
    first, second = steps(found)
    assert first.script is not None
    assert second.script is not None
    assert first.script.text == "uname -r\nid \\\n-u"
    assert second.script.text == "true\n# note"


def test_no_block_vanishes() -> None:
    """Samples, ignored blocks and indented code are listed as not run, with their line and why."""
    found = load("```json\n{}\n```\n\n```sh {ignore}\nx\n```\n\n```\ny\n```\n\n    indented\n")
    assert [one.line for one in found.runbook.not_run] == [6, 10, 14, 18]


def test_a_fence_that_an_admonition_hides() -> None:
    """A fence indented under `!!!` is found, where it stands."""
    found = load('!!! note "Do this"\n\n    ```sh\n    true\n    ```\n')
    (step,) = steps(found)
    assert step.place.line == 8


def test_anybodys_document_opens_and_each_block_waits() -> None:
    """A document that is not ours opens as a checklist in which every block has its own gate."""
    found = load(
        "# Their runbook\n\n1. [ ] Restart {it}\n\n   ```bash { name=x interactive=false }\n   restart\n   ```\n",
        head="",
    )
    assert not found.runbook.ours
    assert found.runbook.title == "Their runbook"
    assert [step.options.gate for step in steps(found)] == ["go"]


def test_line_ends_and_byte_order_mark() -> None:
    """CRLF and a byte order mark change nothing."""
    text = HEAD + "## A\n\n```sh\ntrue\n```\n"
    plain = loads(text.encode(), "test.md").runbook
    other = loads(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode(), "test.md").runbook
    assert plain.children == other.children


@pytest.mark.parametrize(
    ("data", "what"), [(b"", "empty"), (b"  \n", "empty"), (b"a\0b", "binary"), (b"a\n\xff", ":2:1")]
)
def test_what_is_no_text_is_refused(data: bytes, what: str) -> None:
    """Empty, binary and wrongly encoded files are refused with what they are."""
    with pytest.raises(RunbookError, match=what):
        loads(data, "test.md")


def test_a_pause_is_an_item_a_heading_or_a_comment_alone() -> None:
    """`wait=` or `at=` with nothing under it is a step that waits."""
    found = load(
        "- Let caches settle <!-- gonogo: wait=5m -->\n\n## At night <!-- gonogo: at=22:30 -->\n\nText.\n\n"
        "## Work\n\n```sh\na\n```\n\n<!-- gonogo: wait=90s -->\n\nQuiet now:\n\n<!-- gonogo: at=23:00 title=Later -->\n"
    )
    assert [(step.kind, step.title, step.options.wait, step.options.at) for step in steps(found)] == [
        (Kind.WAIT, "Let caches settle", 300.0, None),
        (Kind.WAIT, "At night", None, "22:30"),
        (Kind.RUN, "Work", None, None),
        (Kind.WAIT, "Wait 90s", 90.0, None),
        (Kind.WAIT, "Later", None, "23:00"),
    ]


def test_a_pause_over_steps_is_the_first_ones() -> None:
    """On a heading or item with steps, `wait=` holds before the first of them alone; its own wins."""
    found = load(
        "## A <!-- gonogo: wait=5m -->\n\n```sh\na\n```\n\n```sh\nb\n```\n\n"
        "## B <!-- gonogo: wait=5m -->\n\n```sh {wait=1m}\na\n```\n"
    )
    assert [step.options.wait for step in steps(found)] == [300.0, None, 60.0]


def test_prose_stays_as_it_is_written() -> None:
    """Lists, quotations, tables and samples that are mere text stand beside the next step, mark for mark."""
    prose = '1. one\n2. two\n   - three\n\n> quoted\n> again\n\n| a | b |\n| - | - |\n\n```json\n{"a": 1}\n```\n\n    indented'
    found = load(f"## A\n\n{prose}\n\n```sh\na\n```\n")
    assert [step.prose for step in steps(found)] == [prose]


def test_text_after_the_last_step_is_shown_with_it() -> None:
    """Nothing of a document is left out of the screen."""
    found = load("## A\n\nBefore.\n\n```sh\na\n```\n\nAfter.\n\n- Item\n\n## B\n\n- [ ] Done\n\nThe end.\n")
    assert [step.prose for step in steps(found)] == ["Before.\n\nAfter.\n\n- Item", "The end."]


def test_headings_and_notes_without_steps_are_text() -> None:
    """A warning or a chapter of mere words stands beside the step that follows, or the last one."""
    found = load(
        "# A\n\n## Why\n\nIt is old.\n\n!!! warning\n    Users see it.\n\n:::danger Never on Monday\nNor so.\n:::\n\n"
        '### How\n\n- Slowly\n\n## Do\n\n```sh\na\n```\n\n=== "On Debian"\n\n    Wait.\n\n## End\n\nGo home.\n'
    )
    (step,) = steps(found)
    assert step.title == "Do"
    assert step.prose.replace("\n\n", " ") == (
        "**Why** It is old. **Warning** Users see it. **Never on Monday** Nor so. "
        "**How** - Slowly **On Debian** Wait. **End** Go home."
    )


def test_a_long_item_is_shown_whole() -> None:
    """A title is cut, so the words of a longer one stand beside the step."""
    long = " ".join(["word"] * 40)
    (step,) = steps(load(f"1. {long}\n\n   ```sh\n   a\n   ```\n"))
    assert (len(step.title), step.prose) == (100, long)


def test_underlined_headings_make_sections() -> None:
    """They nest as those with signs do, may take two lines, and their comments have their places."""
    found = load(
        "Page\n====\n\nOn all\nnodes <!-- gonogo: hosts=web -->\n---\n\n```sh\na\n```\n\n### Then\n\n```sh\nb\n```\n\n"
        "> Last <!-- gonogo: hots=db -->\n> ---\n>\n> ```sh\n> c\n> ```\n"
    )
    assert [(step.title, step.options.hosts) for step in steps(found)] == [
        ("On all nodes", "web"),
        ("Then", "web"),
        ("Last", "web"),
    ]
    assert [str(one.place) for one in found.problems if one.code == "unknown-key"] == ["test.md:23:21"]


@pytest.mark.parametrize(
    ("source", "title"),
    [
        (r"Drain \*all\* nodes \#1 \[x\]", "Drain *all* nodes #1 [x]"),
        ("`a*b*` and **c *d* e** and _f_ and snake_case_name", "a*b* and c d e and f and snake_case_name"),
        (
            "[one](http://a/b_(c)) [two][ref] [ref] [none][no] <http://d> ![e *f*](g)",
            "one two ref [none][no] http://d e f",
        ),
        ("a &lt;b&gt; &amp; c&copy;", "a <b> & c©"),
        ("<kbd>Enter</kbd> on <HOST> at <b>once</b>", "Enter on <HOST> at once"),
        ("`` a`b `` 3 * 4 * 5", "a`b 3 * 4 * 5"),
    ],
)
@pytest.mark.parametrize("form", ["## {}", "{}\n---", "1. {}"])
def test_titles_are_read_as_markdown(source: str, title: str, form: str) -> None:
    """Marks, escapes, entities and references mean in a title what they mean to any reader of Markdown."""
    body = form.format(source) + "\n\n   ```sh\n   a\n   ```\n\n[ref]: http://example.org 'Where'\n"
    (step,) = steps(load(body))
    assert step.title == title
    assert step.prose == "[ref]: http://example.org 'Where'"


MARKS = [*"`*_[]()<>!\\&;#=-+~|\"'1. aé", "<!--", "-->", "&lt;", "<b>", "](", "**"]


@given(st.lists(st.sampled_from(MARKS), max_size=20).map(lambda marks: " ".join("".join(marks).split())))
def test_an_escaped_title_reads_back(title: str) -> None:
    """Whatever signs are in a title, its source gives it again, and has none of a comment."""
    assert plain(escaped(title), {}) == title
    assert "<!--" not in escaped(title)


def test_definitions_of_links_name_no_step() -> None:
    """They stay in the text, and a step is called by the words before them."""
    _, step = steps(
        load("## A\n\n```sh\nb\n```\n\nRestart [it][api]:\n\n[api]: http://example.org\n\n```sh\na\n```\n")
    )
    assert (step.title, step.prose) == ("Restart it:", "Restart [it][api]:\n\n[api]: http://example.org")


def test_a_comment_that_never_ends_is_told() -> None:
    """It hides all that follows, as it does on any page."""
    found = load(
        "## A\n\n- [ ] Ask\n\n- text\n\n  <!-- old\n  more\n\n## B\n\n<!-- never\n\n- [ ] Hidden\n", ""
    )
    assert [step.title for step in steps(found)] == ["Ask"]
    assert [(str(one.place), one.code) for one in found.problems] == [
        ("test.md:7:3", "unclosed-comment"),
        ("test.md:12:1", "unclosed-comment"),
    ]


@pytest.mark.parametrize("first", ["\n- [ ] Ask\n\n", "- [ ] Ask\n- more\n", "Words\n\n- [ ] Ask\n"])
def test_rules_are_no_front_matter(first: str) -> None:
    """What stands between two lines of dashes is text, unless it is a map as front matter is."""
    found = load(f"---\n{first}---\n\n```sh\na\n```\n", "")
    assert [step.kind for step in steps(found)] == [Kind.CONFIRM, Kind.RUN]
    assert steps(load("---\ntags: [a]\n---\n\n- [ ] Ask\n", ""))[0].place.line == 5


@pytest.mark.parametrize(
    ("item", "title"),
    [("Stop it\\\n   now", "Stop it"), ("Stop it  \n   now", "Stop it"), ("| a |\n   |---|", "a")],
)
def test_an_item_is_called_by_its_first_line(item: str, title: str) -> None:
    """Without what breaks the line; an item that begins with a table is called by its command."""
    (step,) = steps(load(f"1. {item}\n\n   ```sh\n   a\n   ```\n"))
    assert step.title == title


def test_comments_that_are_mere_text_change_nothing() -> None:
    """A comment of others, and one of ours inside code, are not read."""
    found = load("## A <!-- note: hosts=web -->\n\n```sh\n# <!-- gonogo: hosts=db -->\na\n```\n")
    assert [step.options.hosts for step in steps(found)] == [None]
    assert [step.title for step in steps(found)] == ["A"]
