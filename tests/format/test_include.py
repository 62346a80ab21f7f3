"""Included documents: their steps stand at their place, and no include reaches out of the repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gonogo.format.load import Loaded, load
from gonogo.format.model import Problem, Section, Severity, Step

HEAD = "---\ngonogo: 1\n---\n\n# Top\n\n"


def write(folder: Path, **files: str) -> None:
    """Write files; `__` in a name is a folder, `_` the dot before the ending."""
    for name, text in files.items():
        path = folder / ".".join(name.replace("__", "/").rsplit("_", 1))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def errors(loaded: Loaded) -> list[Problem]:
    """Return the errors."""
    return [one for one in loaded.problems if one.severity is Severity.ERROR]


def include(folder: Path, target: str) -> Problem:
    """Return the one error of a Markdown runbook that includes a path."""
    (folder / "top.md").write_text(HEAD + f'<!-- gonogo: include="{target}" -->\n')
    (error,) = errors(load(folder / "top.md"))
    return error


def test_the_steps_of_an_included_document_are_a_section(tmp_path: Path) -> None:
    """They stand at the place of the include, under its title, with their own file and its exact bytes."""
    write(
        tmp_path,
        top_md=HEAD
        + "## Before\n\n```sh\na\n```\n\n<!-- gonogo: include=shared/tell.md -->\n\n```sh\nb\n```\n",
        shared__tell_md="---\ngonogo: 1\ntitle: Tell them\n---\n\n- [ ] She knows\n\n```sh {id=mail}\nmail\n```\n",
    )
    runbook = load(tmp_path / "top.md").runbook
    (before,) = runbook.children
    assert isinstance(before, Section)
    assert [child.title for child in before.children] == ["Before", "Tell them", "Before"]
    tell = before.children[1]
    assert isinstance(tell, Section)
    assert [child.id for child in tell.children] == ["before/tell-them/she-knows", "before/tell-them/mail"]
    assert {child.place.file for child in tell.children} == {str(tmp_path / "shared" / "tell.md")}
    assert dict(runbook.sources) == {
        str(tmp_path / name): (tmp_path / name).read_bytes() for name in ("top.md", "shared/tell.md")
    }


def test_every_spelling_includes_every_other(tmp_path: Path) -> None:
    """YAML includes Markdown, Markdown YAML and RST; `title` and options of the include hold."""
    write(
        tmp_path,
        top_yaml="gonogo: 1\nsteps:\n  - include: a.md\n    title: First\n    hosts: web\n    tags: [x]\n",
        a_md="# A\n\n<!-- gonogo: include=b.yml as=root -->\n\n<!-- gonogo: include=c.rst title='The third' -->\n",
        b_yml="gonogo: 1\ntitle: B\nsteps: [{run: b}]\n",
        c_rst="C\n=\n\n::\n\n   $ c\n",
    )
    loaded = load(tmp_path / "top.yaml")
    assert errors(loaded) == []
    found = [(step.id, step.options.hosts, step.options.run_as) for _, step in loaded.runbook.steps()]
    assert found == [("first/b", "web", "root"), ("first/the-third", "web", None)]
    assert [one.options.tags for _, one in loaded.runbook.steps()] == [("x",)] * 2


def test_a_document_can_be_included_twice(tmp_path: Path) -> None:
    """Each time its steps have ids of their own, also those that its author wrote."""
    write(tmp_path, top_md=HEAD + "<!-- gonogo: include=a.md -->\n\n<!-- gonogo: include=a.md -->\n", a_md="# A\n\n```sh {name=x}\na\n```\n\n```sh\nb\n```\n")  # fmt: skip
    loaded = load(tmp_path / "top.md")
    assert errors(loaded) == []
    assert [step.id for _, step in loaded.runbook.steps()] == ["a/x", "a/b", "a-2/x", "a-2/b"]
    assert len(loaded.runbook.sources) == 2


def test_paths_are_relative_to_the_including_file(tmp_path: Path) -> None:
    """Inside a git repository an include may go up, as far as its top."""
    write(
        tmp_path,
        changes__one__top_md=HEAD + "<!-- gonogo: include=../../shared/a.md -->\n",
        shared__a_md="<!-- gonogo: include=deep/b.md -->\n",
        shared__deep__b_md="```sh\nb\n```\n",
    )
    (tmp_path / ".git").mkdir()
    loaded = load(tmp_path / "changes" / "one" / "top.md")
    assert errors(loaded) == []
    assert [step.place.file for _, step in loaded.runbook.steps()] == [
        str(tmp_path / "shared" / "deep" / "b.md")
    ]
    os.rmdir(tmp_path / ".git")
    assert "leads out of" in errors(load(tmp_path / "changes" / "one" / "top.md"))[0].message


@pytest.mark.parametrize(
    ("target", "what"),
    [
        ("../out.md", "leads out of"),
        ("../nowhere.md", "leads out of"),
        ("/etc/passwd", "no path inside"),
        ("https://example.org/a.md", "no path inside"),
        ("file:///etc/passwd", "no path inside"),
        ("link-out.md", "leads out of"),
        ("folder-out/out.md", "leads out of"),
        ("folder/../../out.md", "leads out of"),
        ("folder", "is a folder"),
        ("fifo.md", "is no file"),
        ("loop.md", "Too many levels"),
        ("missing.md", "No such file"),
        ("dangling.md", "No such file"),
        ("", "names no file"),
        ("x" * 5000, "File name too long"),
        ("good.md/x.md", "Not a directory"),
        ("empty.md", "is empty"),
        ("binary.md", "is binary"),
        ("latin.md", "not UTF-8"),
        ("large.md", "more than 4 MiB"),
        ("a\u202eb.md", "a<202e>b.md"),
        ("top.md", "includes itself"),
    ],
)
def test_an_include_that_cannot_be_is_an_error_at_its_place(tmp_path: Path, target: str, what: str) -> None:
    """Whatever is no file inside the repository is refused at the include, and nothing waits for it."""
    folder = tmp_path / "repository"
    (folder / ".git").mkdir(parents=True)
    (folder / "folder").mkdir()
    (tmp_path / "out.md").write_text("```sh\nout\n```\n")
    (folder / "good.md").write_text("```sh\ngood\n```\n")
    (folder / "empty.md").write_bytes(b" \n")
    (folder / "binary.md").write_bytes(b"a\0")
    (folder / "latin.md").write_bytes(b"\xe4")
    (folder / "large.md").write_bytes(b"x" * (5 << 20))
    os.mkfifo(folder / "fifo.md")
    for name, aim in (("link-out.md", "../out.md"), ("folder-out", ".."), ("loop.md", "loop.md")):
        os.symlink(aim, folder / name)
    os.symlink("nowhere.md", folder / "dangling.md")
    error = include(folder, target)
    assert what in error.message
    assert (error.code, error.place.file, error.place.line) == ("bad-include", str(folder / "top.md"), 7)
    assert error.mend


def test_a_link_inside_the_repository_is_followed(tmp_path: Path) -> None:
    """A link to a file of the same repository is that file."""
    (tmp_path / "a.md").write_text("```sh\na\n```\n")
    os.symlink("a.md", tmp_path / "b.md")
    (tmp_path / "top.md").write_text(HEAD + "<!-- gonogo: include=b.md -->\n")
    assert [step.script and step.script.text for _, step in load(tmp_path / "top.md").runbook.steps()] == [
        "a"
    ]


def test_cycles_and_depth_end(tmp_path: Path) -> None:
    """A cycle is named with its files; the sixth document down is refused."""
    write(tmp_path, top_md=HEAD + "<!-- gonogo: include=a.md -->\n", a_md="<!-- gonogo: include=b.md -->\n", b_md="<!-- gonogo: include=a.md -->\n")  # fmt: skip
    (error,) = errors(load(tmp_path / "top.md"))
    assert error.message.count("a.md") >= 2
    assert error.place.file == str(tmp_path / "b.md")
    for number in range(7):
        (tmp_path / f"d{number}.md").write_text(
            f"<!-- gonogo: include=d{number + 1}.md -->\n\n```sh\nx\n```\n"
        )
    write(tmp_path, top_md=HEAD + "<!-- gonogo: include=d0.md -->\n")
    (error,) = errors(load(tmp_path / "top.md"))
    assert "deeper than 5" in error.message
    assert error.place.file == str(tmp_path / "d4.md")


def test_includes_do_not_multiply_without_end(tmp_path: Path) -> None:
    """Ten includes of ten includes and so on are cut off."""
    for number in range(5):
        (tmp_path / f"d{number}.md").write_text(f"<!-- gonogo: include=d{number + 1}.md -->\n\n" * 10)
    write(tmp_path, top_md=HEAD + "<!-- gonogo: include=d0.md -->\n\n" * 10, d5_md="```sh\nx\n```\n")
    assert any("500 files" in error.message for error in errors(load(tmp_path / "top.md")))


def test_a_mistake_names_its_place_and_that_of_the_include(tmp_path: Path) -> None:
    """A bad key inside tells its own line and, through all files, where each is included."""
    write(
        tmp_path,
        top_md=HEAD + "<!-- gonogo: include=a.md -->\n",
        a_md="Text\n\n<!-- gonogo: include=b.md -->\n",
        b_md="\n\n```sh {timeout=15}\nx\n```\n",
    )
    (error,) = errors(load(tmp_path / "top.md"))
    assert (error.place.file, error.place.line) == (str(tmp_path / "b.md"), 3)
    assert f"{tmp_path / 'a.md'}:3:" in error.message
    assert f"{tmp_path / 'top.md'}:7:" in error.message


def test_inputs_belong_into_the_top_document(tmp_path: Path) -> None:
    """Inputs, roles and signers of an included document are errors that say where they belong."""
    write(
        tmp_path,
        top_md=HEAD + "<!-- gonogo: include=a.md -->\n",
        a_md="---\ngonogo: 1\ninputs:\n  - name: x\nroles: {dba: [a]}\n---\n\n```sh\nx\n```\n",
    )
    found = errors(load(tmp_path / "top.md"))
    assert {(one.code, one.place.line) for one in found} >= {("include-head", 3), ("include-head", 5)}
    assert all("top document" in one.mend for one in found if one.code == "include-head")


def test_an_include_rolls_and_takes_its_own_id(tmp_path: Path) -> None:
    """`batch=` and `id=` on the include are those of its section."""
    write(tmp_path, top_md=HEAD + "<!-- gonogo: include=a.md id=update hosts=web batch=1,50% -->\n", a_md="# A\n\n1. One\n\n   ```sh\n   a\n   ```\n")  # fmt: skip
    (section,) = load(tmp_path / "top.md").runbook.children
    assert isinstance(section, Section)
    assert section.id == "update"
    assert section.rolling
    assert section.rolling.batch == ("1", "50%")
    (step,) = section.children
    assert isinstance(step, Step)
    assert (step.id, step.options.batch) == ("update/one", ())


def test_an_include_of_nothing_falls_away(tmp_path: Path) -> None:
    """A document without steps adds none; its blocks that do not run are told with their file."""
    write(
        tmp_path,
        top_md=HEAD + "<!-- gonogo: include=a.md -->\n\n```sh\nx\n```\n",
        a_md="# A\n\n```json\n{}\n```\n",
    )
    runbook = load(tmp_path / "top.md").runbook
    assert len(list(runbook.steps())) == 1
    assert [(one.line, one.file) for one in runbook.not_run] == [(3, str(tmp_path / "a.md"))]


def test_in_others_documents_included_blocks_wait_too(tmp_path: Path) -> None:
    """What is included into a document that is not ours, or is RST, waits for its own go."""
    write(
        tmp_path,
        theirs_md="# Top\n\n<!-- gonogo: include=a.md -->\n",
        ours_md=HEAD + "<!-- gonogo: include=b.rst -->\n",
        a_md="---\ngonogo: 1\n---\n\n```sh\na\n```\n",
        b_rst="::\n\n  $ b\n",
    )
    for name in ("theirs.md", "ours.md"):
        assert [step.options.gate for _, step in load(tmp_path / name).runbook.steps()] == ["go"]


def test_an_id_by_the_author_of_an_included_document_wins_in_it(tmp_path: Path) -> None:
    """Inside the included document's own section a derived id gives way to a written one."""
    write(tmp_path, top_md=HEAD + "<!-- gonogo: include=a.md -->\n", a_md="# A\n\n## X\n\n```sh\na\n```\n\n## Y\n\n```sh {id=x}\nb\n```\n")  # fmt: skip
    loaded = load(tmp_path / "top.md")
    assert errors(loaded) == []
    assert [step.id for _, step in loaded.runbook.steps()] == ["a/x-2", "a/x"]
