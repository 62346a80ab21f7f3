"""`gonogo check`: files and folders, hosts, the forms in which it tells, and what a hook needs."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gonogo.cli.checks.findings import Checked, check_file
from gonogo.cli.checks.hosts import Inventories
from gonogo.cli.forms import github, human, sarif
from gonogo.cli.forms import json as json_form
from gonogo.format.checks import shellcheck as room
from gonogo.format.checks.source import Source
from gonogo.format.load import loads

Gonogo = Callable[..., subprocess.CompletedProcess[str]]
ROOT = Path(__file__).parents[2]
CLEAN = "---\ngonogo: 1\n---\n\n```sh {read-only}\ntrue\n```\n"
WARNED = '---\ngonogo: 1\n---\n\n```sh {read-only}\necho 漢字 "$nope"\n```\n'
WRONG = "---\ngonogo: 1\n---\n\n```sh {read-only tiemout=5s}\ntrue\n```\n"
HOSTS = "[web]\nweb1\nweb2\n\n[db]\ndb1\n"


def write(folder: Path, **files: str) -> None:
    """Write files; a double underscore in a name is a slash, the last single one the dot."""
    for name, text in files.items():
        path = folder / re.sub(r"_([a-z]+)$", r".\1", name.replace("__", "/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


class TestFiles:
    """Which files are looked at, and the exit code."""

    def test_exit_codes(self, gonogo: Gonogo, tmp_path: Path) -> None:
        """2 for an error, and for a warning with --strict; else 0."""
        write(tmp_path, clean_md=CLEAN, warned_md=WARNED, wrong_md=WRONG)
        asked = (
            ["clean.md"],
            ["warned.md"],
            ["--strict", "clean.md"],
            ["--strict", "warned.md"],
            ["clean.md", "wrong.md"],
        )
        assert [gonogo("check", *words).returncode for words in asked] == [0, 0, 0, 2, 2]

    def test_a_folder_is_looked_through_for_runbooks(self, gonogo: Gonogo, tmp_path: Path) -> None:
        """Those that say `gonogo: 1`, at any depth; hidden folders, other documents and links are left out."""
        write(
            tmp_path, a_md=CLEAN, b__c__d_md=CLEAN, e_yaml="gonogo: 1\nsteps:\n  - confirm: Yes?\n", f_yml="a: b\n", g_md="```sh\nif\n```\n",
            h_md="# Written about it\n\n```yaml\ngonogo: 1\n```\n", node_modules__i_md=CLEAN, j_txt=CLEAN,
        )  # fmt: skip
        (tmp_path / ".k").mkdir()
        (tmp_path / ".k" / "k.md").write_text(CLEAN)
        (tmp_path / "b" / "up").symlink_to(tmp_path)
        (tmp_path / "l.md").symlink_to(tmp_path / "a.md")
        told = json.loads(gonogo("check", "--json", ".").stdout)
        assert told["files"] == ["a.md", "b/c/d.md", "e.yaml"]

    def test_a_broken_runbook_in_a_folder_is_not_passed_over(self, gonogo: Gonogo, tmp_path: Path) -> None:
        """A head that says `gonogo:` and cannot be read is a mistake, not another's document."""
        write(tmp_path, a_md="---\ngonogo: 1\ninventory: [\n---\n", b_yaml="gonogo: 1\nsteps: [\n")
        told = json.loads(gonogo("check", "--json", ".").stdout)
        assert {(one["file"], one["code"]) for one in told["problems"]} == {
            ("a.md", "bad-yaml"),
            ("b.yaml", "bad-yaml"),
        }

    def test_a_named_file_is_looked_at_once_and_in_any_case(self, gonogo: Gonogo, tmp_path: Path) -> None:
        """Named by itself, by its folder and by a link, a file is one file."""
        write(tmp_path, a_md="```sh\nif\n```\n", b__c_md=CLEAN)
        (tmp_path / "d.md").symlink_to(tmp_path / "a.md")
        told = json.loads(gonogo("check", "--json", "a.md", "d.md", "b/c.md", "b", "./a.md").stdout)
        assert told["files"] == ["a.md", "b/c.md"]
        assert [one["code"] for one in told["problems"]] == ["shell-syntax"]

    def test_what_cannot_be_read_is_one_mistake_among_others(self, gonogo: Gonogo, tmp_path: Path) -> None:
        """The other files are checked all the same, and nothing hangs."""
        write(tmp_path, clean_md=CLEAN, empty_md="", warned_md=WARNED)
        (tmp_path / "binary.md").write_bytes(b"a\n\0")
        (tmp_path / "latin.md").write_bytes(b"a\nb\xff")
        (tmp_path / "loop.md").symlink_to("loop.md")
        os.mkfifo(tmp_path / "fifo.md")
        (tmp_path / "none").mkdir()
        names = (
            "binary.md",
            "latin.md",
            "loop.md",
            "fifo.md",
            "none",
            "absent.md",
            "empty.md",
            "warned.md",
            "clean.md",
            "/dev/zero",
        )
        done = gonogo("check", "--json", *names)
        told = json.loads(done.stdout)
        assert (done.returncode, done.stderr, told["files"]) == (2, "", list(names))
        codes = {one["file"]: (one["line"], one["code"]) for one in told["problems"]}
        assert codes.pop("none") == (1, "no-runbook")
        assert codes.pop("warned.md") == (6, "undefined-variable")
        assert codes.pop("binary.md") == (2, "unreadable")
        assert codes.pop("latin.md") == (2, "unreadable")
        assert set(codes.values()) == {(1, "unreadable")}

    def test_only_ours_leaves_other_documents_alone(self, gonogo: Gonogo, tmp_path: Path) -> None:
        """A hook names whatever changed."""
        write(
            tmp_path,
            a_md="```sh\nif\n```\n",
            b_yaml="on: [push]\njobs: {}\n",
            c_md=WARNED,
            d_rst="Title\n=====\n",
        )
        done = gonogo("check", "--ours", "--strict", "a.md", "b.yaml", "c.md", "d.rst")
        assert done.returncode == 2
        assert done.stdout.endswith("1 file: 1 error, 0 warnings\n")
        assert gonogo("check", "--ours", "--strict", "a.md").stdout == "0 files: no problems\n"

    def test_mistakes_of_an_included_file_are_told_there(self, gonogo: Gonogo, tmp_path: Path) -> None:
        """With its own name, and after those of the document that includes it."""
        write(
            tmp_path,
            a_md="---\ngonogo: 1\n---\n\n<!-- gonogo: include=b.md -->\n\n```sh\nif\n```\n",
            b_md=WARNED,
        )
        told = json.loads(gonogo("check", "--json", "a.md").stdout)
        assert [(one["file"], one["line"]) for one in told["problems"]][-1] == ("b.md", 6)


class TestHosts:
    """Patterns are looked up in the inventory before anything runs."""

    def told(self, folder: Path, body: str, *given: Path) -> list[tuple[int, str, str]]:
        """Check a document with an inventory; return lines, codes and the text that is underlined."""
        write(folder, a_md=body, hosts_ini=HOSTS)
        lines = body.split("\n")
        return [
            (one.place.line, one.code, lines[one.place.line - 1][one.place.column - 1 :][: one.length])
            for one in check_file(folder / "a.md", Inventories(given)).problems
        ]

    def test_every_wrong_part_of_every_pattern(self, tmp_path: Path) -> None:
        """All at once, each at its own words, also where a heading gives the pattern."""
        body = (
            "---\ngonogo: 1\ninventory: hosts.ini\n---\n\n## A <!-- gonogo: hosts=wbe:db -->\n\n```sh {read-only}\ntrue\n```\n\n"
            "```sh {read-only hosts=web1,web7:db9}\ntrue\n```\n\n```sh {read-only hosts=web:&db}\ntrue\n```\n\n"
            "```sh {read-only hosts=web[7]}\ntrue\n```\n\n```sh {read-only hosts=web[1-9]}\ntrue\n```\n"
        )
        assert self.told(tmp_path, body) == [
            (6, "hosts", "wbe"), (12, "hosts", "web7"), (12, "hosts", "db9"), (16, "hosts", "web:&db"), (20, "hosts", "web[7]"), (24, "hosts", "web[1-9]"),
        ]  # fmt: skip

    def test_every_choice_of_an_input_is_tried(self, tmp_path: Path) -> None:
        """A value that nobody knows yet is left to the run."""
        head = "---\ngonogo: 1\ninventory: hosts.ini\ninputs:\n  - name: a\n    choices: [web, dbs]\n  - name: b\n---\n\n"
        body = f"{head}```sh {{read-only hosts=$a}}\ntrue\n```\n\n```sh {{read-only hosts=$b}}\ntrue\n```\n"
        assert [(line, code) for line, code, _ in self.told(tmp_path, body)] == [(10, "hosts")]

    def test_given_inventories_win(self, tmp_path: Path) -> None:
        """As they do for a run."""
        (tmp_path / "other.ini").write_text("[cache]\nc1\n")
        body = "---\ngonogo: 1\ninventory: hosts.ini\n---\n\n```sh {read-only hosts=cache}\ntrue\n```\n"
        assert self.told(tmp_path, body, tmp_path / "other.ini") == []
        assert self.told(tmp_path, body) == [(6, "hosts", "cache")]

    def test_host_variables_are_known(self, tmp_path: Path) -> None:
        """A variable that a host of the inventory has is set."""
        body = '---\ngonogo: 1\ninventory: vars.ini\n---\n\n```sh {read-only hosts=web}\necho "$rack" "$shelf"\n```\n'
        (tmp_path / "vars.ini").write_text("[web]\nweb1 rack=7\n")
        assert self.told(tmp_path, body) == [(7, "undefined-variable", "$shelf")]

    def test_an_inventory_that_is_a_program_is_not_run(self, tmp_path: Path) -> None:
        """Unless it is named by hand."""
        program = tmp_path / "dynamic.py"
        program.write_text(
            f'#!/bin/sh\ntouch {shlex.quote(str(tmp_path / "ran"))}\necho \'{{"_meta": {{"hostvars": {{}}}}, "web": ["web1"]}}\'\n'
        )
        program.chmod(0o755)
        body = "---\ngonogo: 1\ninventory: dynamic.py\n---\n\n```sh {read-only hosts=web}\ntrue\n```\n"
        assert [code for _, code, _ in self.told(tmp_path, body)] == ["inventory"]
        assert not (tmp_path / "ran").exists()
        assert self.told(tmp_path, body, program) == []


class TestForms:
    """The same mistakes for people and for machines."""

    def test_people_see_the_line_and_what_is_wrong_in_it(self, gonogo: Gonogo, tmp_path: Path) -> None:
        """The marks stand below the text also where letters are two columns wide."""
        write(tmp_path, a_md=WARNED)
        assert gonogo("check", "a.md").stdout == (
            "a.md:6:10: warning: $nope is set nowhere before this [undefined-variable]\n"
            '  6 | echo 漢字 "$nope"\n'
            "    |            ^^^^^\n"
            "  Make it an input, capture it, set it in the block, or give it a default: ${name:-…}.\n"
            "1 file: 0 errors, 1 warning\n"
        )

    def test_a_long_line_is_cut_around_its_mark(self, gonogo: Gonogo, tmp_path: Path) -> None:
        """Nobody wants ten screens of one line."""
        write(
            tmp_path,
            a_md=WARNED.replace("echo", "echo " + "a " * 5000).replace('"$nope"', '"$nope"' + " b" * 5000),
        )
        said = gonogo("check", "a.md").stdout
        assert max(map(len, said.split("\n"))) < 200
        line, marks = said.split("\n")[1:3]
        assert line[marks.index("^") - 2 :].startswith("$nope")

    def test_escape_sequences_of_a_document_do_not_reach_the_terminal(
        self, gonogo: Gonogo, tmp_path: Path
    ) -> None:
        """Neither in the line, nor in the message, nor in the file's name."""
        name = "a\x1b[31m.md"
        (tmp_path / name).write_text(
            WARNED.replace("echo", "echo \x1b]0;t\x07 \u202e") + "\n```sh {\x1b[2Jx=1}\ntrue\n```\n"
        )
        for form in ("human", "github", "json", "sarif"):
            said = gonogo("check", "--format", form, name).stdout
            assert "nope" in said
            assert not set("\x1b\x07\u202e") & set(said)

    def test_a_secret_is_covered(self, gonogo: Gonogo, tmp_path: Path) -> None:
        """What is told of it goes to logs that others read."""
        write(
            tmp_path,
            a_md=CLEAN.replace("true", 'DB_PASSWORD=Wohn7eiG vi "$nope"').replace("read-only", "batch=1"),
        )
        for form in ("human", "github", "json", "sarif"):
            said = gonogo("check", "--format", form, "a.md").stdout
            assert "secret" in said
            assert "Wohn7eiG" not in said

    def test_colours_are_for_terminals(self, environment: dict[str, str], tmp_path: Path) -> None:
        """And not for those who do not want any."""
        write(tmp_path, a_md=WRONG)
        assert "\x1b[" in self._on_a_terminal(tmp_path, environment | {"TERM": "xterm"})
        assert "\x1b[" not in self._on_a_terminal(tmp_path, environment | {"TERM": "xterm", "NO_COLOR": "1"})

    def _on_a_terminal(self, folder: Path, environment: dict[str, str]) -> str:
        ours, theirs = pty.openpty()
        words = [sys.executable, "-m", "gonogo", "check", "a.md"]
        done = subprocess.run(words, cwd=folder, env=environment, stdout=theirs, timeout=60, check=False)
        os.close(theirs)
        said = os.read(ours, 65536).decode()
        os.close(ours)
        assert done.returncode == 2
        return said

    def test_github_annotations_are_escaped(self, gonogo: Gonogo, tmp_path: Path) -> None:
        """`%`, line ends, and in properties `:` and `,`, would end them early."""
        name = "a,b:c%.md"
        (tmp_path / name).write_text(CLEAN.replace("read-only", "read-only expect=x batch=5%,%,::error::"))
        (line,) = gonogo("check", "--format", "github", name).stdout.splitlines()
        match = re.fullmatch(r"::error ([^:]*)::([^\n]*)", line)
        assert match is not None
        given = dict(pair.split("=", 1) for pair in match[1].split(","))
        assert unquote(given["file"]) == name
        assert (given["line"], given["title"]) == ("5", "gonogo bad-value")
        assert int(given["endColumn"]) > int(given["col"])
        assert "%25" in match[2]

    def test_sarif_has_the_structure_that_the_standard_asks_for(self, gonogo: Gonogo, tmp_path: Path) -> None:
        """SARIF 2.1.0: one run, a rule for each code, a region of whole numbers from one for each result."""
        write(tmp_path, a_md=WRONG, b__c_md=WARNED)
        (tmp_path / "e f.md").write_text(WRONG)
        log = json.loads(gonogo("check", "--format", "sarif", ".").stdout)
        jsonschema = pytest.importorskip("jsonschema")
        jsonschema.validate(log, SARIF)
        run = log["runs"][0]
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        assert rules == sorted(set(rules)) == ["undefined-variable", "unknown-key"]
        assert all(rules[one["ruleIndex"]] == one["ruleId"] for one in run["results"])
        places = [one["locations"][0]["physicalLocation"] for one in run["results"]]
        assert [place["artifactLocation"]["uri"] for place in places] == ["a.md", "b/c.md", "e%20f.md"]
        assert places[0]["region"] == {"startLine": 5, "startColumn": 18, "endColumn": 28}

    def test_a_clean_runbook_in_every_form(self, gonogo: Gonogo, tmp_path: Path) -> None:
        """Nothing for GitHub, an empty list for the others."""
        write(tmp_path, a_md=CLEAN)
        said = {
            form: gonogo("check", "--format", form, "a.md").stdout
            for form in ("human", "github", "json", "sarif")
        }
        assert (said["human"], said["github"]) == ("1 file: no problems\n", "")
        assert json.loads(said["json"]) == {"files": ["a.md"], "errors": 0, "warnings": 0, "problems": []}
        assert json.loads(said["sarif"])["runs"][0]["results"] == []

    def test_two_forms_at_once_are_refused(self, gonogo: Gonogo, tmp_path: Path) -> None:
        """It is not guessed which one is meant."""
        write(tmp_path, a_md=CLEAN)
        done = gonogo("check", "--json", "--format", "sarif", "a.md")
        assert (done.returncode, done.stdout) == (2, "")
        assert "Take one of them out" in done.stderr

    def test_a_reader_that_goes_away_is_no_crash(self, environment: dict[str, str], tmp_path: Path) -> None:
        """`gonogo check | head` ends without a traceback."""
        write(tmp_path, a_md=CLEAN.replace("true", 'vi "$x"\n' * 3000))
        command = f"{shlex.quote(sys.executable)} -m gonogo check a.md | head -1"
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert "Traceback" not in done.stderr


KEYS = st.sampled_from(
    ["hosts=web", "hosts=$a", "batch=1,10%", "batch=", "until", "every=5s", "timeout=90", "gate=approve", "approvers=3", "role=dba", "read-only",
     "capture=c", "capture=PATH", "same-as=c", 'when="$a == b"', "outage-begin=s", "outage-end=s", "on-failure=rollback", "no-output", "id=x",
     "interpreter=ruby", "via=foo", "wait=5s", 'expect="("', "\x1b[2Jq=1", "{", "}", '"']
)  # fmt: skip
LINES = st.sampled_from(
    ["echo $a $b ${c:-d} $((e+1))", "sudo vi <X> {{ y }}", "if true; then", "fi", "cat <<EOF", "EOF", "PASSWORD=hunter22x", "ghp_" + "a1" * 18,
     "read x", '\t漢字 "$z"', "\x1b[31m $q", "(x=1)", "x=`", "${", "$((", "# <X>", "-----BEGIN PRIVATE KEY-----", "mysql -psecretpw1", "su -", "ssh"]
)  # fmt: skip


@st.composite
def blocks(draw: st.DrawFn) -> str:
    """Draw a code block of a document, seldom a good one."""
    indent = draw(st.sampled_from(["", "", "   ", "> "]))
    language = draw(st.sampled_from(["sh", "bash", "console", "python", "zsh"]))
    role = draw(st.sampled_from(["", "", "check", "rollback"]))
    info = " ".join([role, *draw(st.lists(KEYS, max_size=3))])
    lines = [f"```{language} {{{info}}}", *draw(st.lists(LINES, max_size=4)), "```", ""]
    return "".join(f"{indent}{line}\n" for line in lines)


@settings(max_examples=80)
@given(head=st.sampled_from(["", "---\ngonogo: 1\n---\n"]), body=st.lists(blocks(), min_size=1, max_size=4))
def test_every_mistake_of_any_document_can_be_told(head: str, body: list[str]) -> None:
    """It has a mend and a place inside of the document, and no form of it carries an escape sequence."""
    loaded = loads((head + "\n".join(body)).encode(), "a.md")
    source = Source(loaded.runbook)
    checked = Checked("a.md", loaded.problems, source)
    for problem in loaded.problems:
        assert problem.mend
        line = source.line(problem.place)
        assert 1 <= problem.place.column <= len(line) + 1
    for form in (human, github, json_form, sarif):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            form.tell([checked])
        assert "\x1b" not in out.getvalue()


class TestShellcheck:
    """Its findings are warnings at the places of the document."""

    DOCUMENT = "---\ngonogo: 1\n---\n\n1. A\n\n   ```bash {read-only}\n   true\n   ls $HOME\n   ```\n\n   ```sh {check}\n   test -e $HOME\n   ```\n"

    def test_findings_are_told_in_the_documents_lines(
        self, tmp_path: Path, need: Callable[[str, str], str]
    ) -> None:
        """All scripts are asked about in one process, each in its own shell's language."""
        need("shellcheck", "shellcheck")
        write(tmp_path, a_md=self.DOCUMENT)
        found = check_file(tmp_path / "a.md", Inventories(())).problems
        assert [(one.code, one.place.line, one.place.column, one.length) for one in found] == [
            ("shellcheck", 9, 7, 5),
            ("shellcheck", 13, 12, 5),
        ]
        assert all(one.message.startswith("SC2086: ") for one in found)

    def _with(self, folder: Path, script: str) -> list[tuple[str, int, str]]:
        program = folder / "shellcheck"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)
        write(folder, a_md=self.DOCUMENT)
        from gonogo.format.load import load

        problems = room.shellcheck(load(folder / "a.md").runbook, str(program))
        return [(one.severity.value, one.place.line, one.message) for one in problems]

    def test_one_that_never_ends_is_ended(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The check goes on without it, and says so."""
        monkeypatch.setattr(room, "SECONDS", 0.2)
        ((severity, line, message),) = self._with(tmp_path, "exec sleep 600")
        assert (severity, line) == ("warning", 1)
        assert "did not end within 0.2 s" in message

    @pytest.mark.parametrize(
        "said",
        [
            "",
            "no json",
            "[]",
            '{"comments": 1}',
            '{"comments": [{}]}',
            '{"comments": [{"level": "info", "code": "x", "file": "9.sh"}]}',
        ],
    )
    def test_one_that_talks_nonsense_is_told(self, tmp_path: Path, said: str) -> None:
        """Its findings are missing, the others are not."""
        ((severity, _, message),) = self._with(tmp_path, f"printf '%s' {shlex.quote(said)}")
        assert severity == "warning"
        assert "cannot be read" in message

    def test_a_place_past_the_script_is_bounded(self, tmp_path: Path) -> None:
        """Lines and columns of another program are not trusted."""
        finding = {
            "file": "0.sh",
            "line": 99,
            "endLine": 99,
            "column": 99,
            "endColumn": 1,
            "level": "warning",
            "code": 2086,
            "message": "\x1b[31mx",
        }
        said = json.dumps({"comments": [finding]})
        ((_, line, message),) = self._with(tmp_path, f"printf '%s' {shlex.quote(said)}")
        assert line in (8, 9)
        assert "\x1b" not in message


class TestHook:
    """`.pre-commit-hooks.yaml` for repositories of runbooks."""

    def hook(self) -> dict[str, Any]:
        """Return the hook's definition."""
        (found,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
        assert isinstance(found, dict)
        return found

    def test_the_hook_checks_the_runbooks_among_what_changed(
        self, environment: dict[str, str], tmp_path: Path, need: Callable[[str, str], str]
    ) -> None:
        """As pre-commit does it: the entry with the changed files that match behind it."""
        git, hook = need("git", "git"), self.hook()
        assert (hook["id"], hook["language"]) == ("gonogo-check", "python")
        write(
            tmp_path,
            bad_md=WRONG,
            README_md="```sh\nif\n```\n",
            _github__w_yml="on: push\n",
            run_sh="if\n",
            hosts_ini=HOSTS,
        )
        subprocess.run([git, "init", "-q"], cwd=tmp_path, check=True)
        subprocess.run([git, "add", "--", "."], cwd=tmp_path, check=True)
        listed = subprocess.run(
            [git, "diff", "--cached", "--name-only"], cwd=tmp_path, capture_output=True, text=True, check=True
        )
        changed = [name for name in listed.stdout.split("\n") if re.search(hook["files"], name)]
        assert {"bad.md", "README.md"} < set(changed)
        words = [
            str(Path(sys.executable).parent / shlex.split(hook["entry"])[0]),
            *shlex.split(hook["entry"])[1:],
            *changed,
        ]
        done = subprocess.run(
            words, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 2
        assert "Did you mean 'timeout'?" in done.stdout
        assert "README" not in done.stdout
        (tmp_path / "bad.md").write_text(CLEAN)
        assert (
            subprocess.run(
                words, cwd=tmp_path, env=environment, capture_output=True, timeout=60, check=False
            ).returncode
            == 0
        )


def test_the_shipped_runbooks_have_no_mistakes() -> None:
    """Neither errors nor warnings, in any folder of runbooks of this repository."""
    files = sorted(path for path in (ROOT / "runbooks").rglob("*.md"))
    assert files
    for file in files:
        problems = check_file(file, Inventories(())).problems
        assert [str(one) for one in problems if one.code != "shellcheck"] == []


def test_checking_imports_no_screen_and_no_transport(tmp_path: Path) -> None:
    """It starts quickly: what it does not need is not loaded."""
    write(tmp_path, a_md=WARNED)
    code = (
        "import sys; from pathlib import Path; from gonogo.cli.checks.findings import check_file; "
        f"from gonogo.cli.checks.hosts import Inventories; check_file(Path({str(tmp_path / 'a.md')!r}), Inventories(())); "
        "print(*sorted(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    heavy = {"textual", "asyncssh", "jsonschema", "docutils", "rich", "asyncio", "pydantic"}
    assert not heavy & set(done.stdout.split())


def test_two_thousand_steps_are_checked_quickly() -> None:
    """The processor's seconds, hosts and all: a large runbook does not keep its author waiting."""
    step = '### Step {0}\n\n```sh {{read-only capture=c{0}}}\nx={0}; echo $x\n```\n\n```sh {{check}}\ntest "$c{0}"\n```\n\n'
    text = "---\ngonogo: 1\n---\n" + "".join(step.format(number) for number in range(2000))
    begun = time.process_time()
    assert loads(text.encode(), "a.md").problems == ()
    assert time.process_time() - begun < 20


SARIF: dict[str, Any] = {
    "type": "object",
    "required": ["$schema", "version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["tool", "results"],
                "additionalProperties": False,
                "properties": {
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "tool": {
                        "type": "object",
                        "required": ["driver"],
                        "additionalProperties": False,
                        "properties": {
                            "driver": {
                                "type": "object",
                                "required": ["name", "rules"],
                                "additionalProperties": False,
                                "properties": {
                                    "name": {"const": "gonogo"},
                                    "version": {"type": "string"},
                                    "rules": {
                                        "type": "array",
                                        "uniqueItems": True,
                                        "items": {
                                            "type": "object",
                                            "required": ["id"],
                                            "additionalProperties": False,
                                            "properties": {
                                                "id": {"type": "string"},
                                                "name": {"type": "string"},
                                                "shortDescription": {"$ref": "#/$defs/message"},
                                            },
                                        },
                                    },
                                },
                            }
                        },
                    },
                    "results": {"type": "array", "items": {"$ref": "#/$defs/result"}},
                },
            },
        },
    },
    "$defs": {
        "message": {
            "type": "object",
            "required": ["text"],
            "additionalProperties": False,
            "properties": {"text": {"type": "string", "minLength": 1}},
        },
        "result": {
            "type": "object",
            "required": ["ruleId", "message", "locations"],
            "additionalProperties": False,
            "properties": {
                "ruleId": {"type": "string"},
                "ruleIndex": {"type": "integer", "minimum": 0},
                "level": {"enum": ["none", "note", "warning", "error"]},
                "message": {"$ref": "#/$defs/message"},
                "locations": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["physicalLocation"],
                        "additionalProperties": False,
                        "properties": {
                            "physicalLocation": {
                                "type": "object",
                                "required": ["artifactLocation", "region"],
                                "additionalProperties": False,
                                "properties": {
                                    "artifactLocation": {
                                        "type": "object",
                                        "required": ["uri"],
                                        "additionalProperties": False,
                                        "properties": {"uri": {"type": "string", "pattern": "^[^ \\\\]+$"}},
                                    },
                                    "region": {
                                        "type": "object",
                                        "required": ["startLine", "startColumn"],
                                        "additionalProperties": False,
                                        "properties": {
                                            "startLine": {"type": "integer", "minimum": 1},
                                            "startColumn": {"type": "integer", "minimum": 1},
                                            "endColumn": {"type": "integer", "minimum": 2},
                                        },
                                    },
                                },
                            }
                        },
                    },
                },
            },
        },
    },
}
"""The part of the standard's own schema that is used here, in our words."""
