"""Ids: what a resumed run knows a step by."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.format.load import loads
from gonogo.format.model import Section
from tests.format.test_markdown import codes, load, steps

ITEM = "1. {0}\n\n   ```sh\n   echo {0}\n   ```\n"


def ids(body: str) -> list[str]:
    """Return the ids of a document of ours."""
    return [step.id for step in steps(load(body))]


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("abcdef")), unique=True, min_size=1), st.data()
)
def test_ids_stay_when_steps_come_go_and_move(pairs: list[tuple[str, str]], data: st.DataObject) -> None:
    """A step keeps its id whatever happens to the steps around it, and to their order."""

    def written(chosen: list[tuple[str, str]]) -> dict[str, str]:
        heads = dict.fromkeys(head for head, _ in chosen)
        body = "".join(
            f"## {head}\n\nText.\n\n"
            + "\n".join(ITEM.format(item) for above, item in chosen if above == head)
            + "\n"
            for head in heads
        )
        return {
            f"{above[-1].title if above else ''} {step.title}": step.id
            for above, step in load(body).runbook.steps()
        }

    everything = written(pairs)
    some = written(data.draw(st.permutations(pairs))[: data.draw(st.integers(1, len(pairs)))])
    assert some.items() <= everything.items()


def test_a_second_block_leaves_the_first_its_id() -> None:
    """Blocks that are added under a heading are called by their own title, text or command."""
    one = "## Stop\n\n```sh\nstop\n```\n"
    assert ids(one) == ["stop"]
    assert ids(one + "\n```sh\nsync disks\n```\n") == ["stop", "stop/sync-disks"]
    assert ids(one + "\nLook:\n\n```sh\nls\n```\n\n```sh {title=Last}\nx\n```\n") == [
        "stop",
        "stop/look",
        "stop/last",
    ]


def test_equal_names_count_on_within_their_path_alone() -> None:
    """A number tells apart what is called alike in one place; elsewhere it starts anew."""
    item = ITEM.format("a")
    assert ids(f"## A\n\n{item}\n{item}\n## B\n\n{item}\n{item}") == ["a/a", "a/a-2", "b/a", "b/a-2"]


def test_an_id_by_the_author_wins() -> None:
    """A derived id gives way to a written one wherever that stands; a written one that stands twice is an error."""
    body = "## Stop\n\n```sh\na\n```\n\n## Other\n\n```sh {id=stop}\nb\n```\n"
    assert ids(body) == ["stop-2", "stop"]
    twice = load(body + "\n```sh {name=stop}\nc\n```\n")
    (problem,) = [one for one in twice.problems if one.code == "duplicate-id"]
    assert (problem.place.line, "line 14" in problem.message) == (18, True)


def test_an_item_or_heading_names_its_only_step() -> None:
    """`id=` in the comment of an item or heading is its step's, or its section's when it has several."""
    assert ids("- Stop <!-- gonogo: id=halt -->\n\n  ```sh\n  a\n  ```\n") == ["halt"]
    found = load("## Stop <!-- gonogo: id=halt -->\n\n```sh\na\n```\n\n```sh\nb\n```\n").runbook
    (section,) = found.children
    assert isinstance(section, Section)
    assert section.id == "halt"
    assert [step.id for _, step in found.steps()] == ["halt", "halt/b"]


def test_titles_and_ids_are_clean() -> None:
    """Escapes and invisible letters are made visible; a title is one line of bounded length."""
    found = load(
        '## A\x1b]0;x\x07 \u202eb\n\n```sh {id="x\u200by"}\na\n```\n\n## '
        + "long " * 100
        + "\n\n```sh\nb\n```\n"
    )
    first, second = steps(found)
    assert (first.title, first.id) == ("A^[]0;x^G <202e>b", "x<200b>y")
    assert len(second.title) == 100
    assert len(second.id) <= 60


def test_letters_of_any_script_make_ids() -> None:
    """Accents come off, other letters stay; a title without letters is `step`."""
    assert ids(
        "## Größe à la carte\n\n```sh\na\n```\n\n## 再起動\n\n```sh\nb\n```\n\n## !!!\n\n```sh\nc\n```\n"
    ) == [
        "große-a-la-carte",
        "再起動",
        "step",
    ]


def test_spellings_agree_on_ids() -> None:
    """YAML derives the ids that Markdown does."""
    yaml = "gonogo: 1\nsteps:\n- title: A\n  steps:\n  - {title: B, run: b}\n  - {title: C, run: c}\n- confirm: Is it up?\n"
    found = loads(yaml.encode(), "a.yaml")
    assert codes(found) == []
    assert [step.id for step in steps(found)] == ids(
        "## A\n\n### B\n\n```sh\nb\n```\n\n### C\n\n```sh\nc\n```\n\n##\n\n- [ ] Is it up?\n"
    )
