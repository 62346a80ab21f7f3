"""Reading shell without running it: which variables are used and set, which commands are called."""

from __future__ import annotations

import os
import shutil
import subprocess
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gonogo.format.shell.scan import scan


def unset(script: str) -> list[str]:
    """Return the names that a script looks at and that nothing gives a value."""
    shell = scan(script)
    return [use.name for use in shell.uses if not use.guarded and not shell.sets_before(use)]


@pytest.mark.parametrize(
    "script",
    [
        "x=1; echo $x",
        "x+=1; echo $x",
        "x[0]=1; echo ${x[0]}",
        "x=(a b); echo ${#x[@]} ${x[*]}",
        "x=1 y=2; echo $x$y",
        "local x=1; echo $x",
        "local x; echo $x",
        "export x=1 y=2; echo $x $y",
        "readonly x=1; echo $x",
        "declare -A x; echo ${x[a]}",
        "declare -i x=1; echo $x",
        "read -r x y <f; echo $x $y",
        "read -p 'x? ' -t 5 x <f; echo $x",
        "read -ra x <f; echo ${x[0]}",
        "read <f; echo $REPLY",
        "while read -r x; do echo $x; done <f",
        "mapfile -t x <f; echo ${x[0]}",
        "readarray <f; echo ${MAPFILE[0]}",
        "for x in a b; do echo $x; done",
        "for x\ndo echo $x; done",
        "for ((x=0; x<3; x++)); do echo $x; done",
        "select x in a b; do echo $x; done",
        "while getopts ab: x; do echo $x $OPTARG; done",
        "printf -v x %s 1; echo $x",
        "let x=1; echo $x",
        "((x = 1)); echo $x",
        "echo ${x:=1}; echo $x",
        ": ${x:?must be given}; echo $x",
        "exec {x}>f; echo $x",
        "[[ -v x ]] && echo $x",
        "f() { x=1; }; f; echo $x",
        "f() { echo $x; }; x=1; f",
        "function f { local x=1; echo $x; }; f",
        "if true; then x=1; else x=2; fi; echo $x",
        "case $1 in a) x=1;; (b|c) x=2;; *) x=3; esac; echo $x",
        "{ x=1; }; echo $x",
        "(x=1; echo $x)",
        "y=$(x=1; echo $x)",
        "eval 'x=1'; echo $x",
        ". ./x.env; echo $x",
        "source x.env\necho $x",
        "while true; do echo $x; x=1; done",
        "coproc x { cat f; }; echo $x",
        "x=`date`; echo $x",
        "x=1 && echo $x || true",
        "trap 'echo $x' EXIT; x=1",
        "command export x=1; echo $x",
    ],
)
def test_what_the_script_sets_is_known(script: str) -> None:
    """Every way in which shell gives a variable a value is understood."""
    assert unset(script) == []


@pytest.mark.parametrize(
    "script",
    [
        "echo '$x'",
        "echo \\$x",
        "echo $'it\\'s $x'",
        "# $x",
        "true # $x",
        "cat <<'E'\n$x\nE",
        'cat <<"E"\n$x\nE',
        "cat <<\\E\n$x\nE",
        "cat <<-'E'\n\t$x\n\tE",
        "cat <<'A' <<'B'\n$x\nA\n$x\nB",
        "echo ${x:-1} ${x-1} ${x:+1} ${x+1}",
        "echo $1 $@ $* $# $? $$ $! $- ${1} ${#}",
        "awk '{print $x}' f",
        "echo ${!x@} ${!x*}",
        "echo $((1 + 2))",
    ],
)
def test_what_is_no_use_is_left_alone(script: str) -> None:
    """Quotes, comments, quoted heredocs, defaults and the shell's own parameters."""
    assert unset(script) == []


@pytest.mark.parametrize(
    "script",
    [
        "echo $x",
        "echo ${x}",
        'echo "$x"',
        "echo ${#x} ",
        "echo ${x%.*}",
        "echo ${y:-$x}",
        "echo $((x + 1))",
        "((x + 1))",
        "echo `echo $x`",
        "cat <<E\n$x\nE",
        "cat <<-E\n\t$x\n\tE",
        "cat <<E | grep a\n$x\nE",
        "cat <<<$x",
        "echo a >$x",
        "x=$x",
        "(x=1); echo $x",
        "y=$(x=1); echo $x",
        "echo $x; x=1",
        "export x; echo $x",
        "[[ $x == a ]]",
        "case $x in a) ;; esac",
        "for y in $x; do :; done",
        "diff <(echo $x) f",
        "y=(a $x)",
        "echo 'a'$x",
        'echo "it\'s $x"',
        'echo "$(echo "$x")"',
        "f() { echo $x; }",
        "[ -n $x ] # x=1",
    ],
)
def test_what_nothing_sets_is_found(script: str) -> None:
    """A variable that is looked at and never set is found wherever it stands."""
    assert unset(script) == ["x"]


def test_places_are_those_of_the_script() -> None:
    """A use's place and length are of the text with its dollar and brackets."""
    script = 'echo "a ${long%.*} $b"'
    assert [script[use.start : use.start + use.length] for use in scan(script).uses] == ["${long", "$b"]


def test_commands_are_found_with_where_their_input_comes_from() -> None:
    """Pipes, redirections and loops feed the commands behind and inside them."""
    script = "a | b; c <f\nwhile d; do e; done <f; g <<E\nE\nif h; then i; fi; x=$(j); { k; } <f"
    commands = [command for command in scan(script).commands if command.words]
    found = {command.words[0].text: command.fed for command in commands}
    assert found == {
        "a": "", "b": "own", "c": "own", "d": "outer", "e": "outer", "g": "own", "h": "", "i": "", "j": "", "k": "outer",
    }  # fmt: skip


@settings(max_examples=300)
@given(st.text("ax1 \n\t'\"\\$`(){}[]<>|&;#=-!*?é", max_size=60))
@example("$(" * 3000)
@example("{ " * 3000)
@example("`" * 3001)
@example("${x:-" * 3000)
@example("((" * 3000)
@example("<<a\n" * 500)
@example("case x in (" * 500)
@example("f() ( } )")
def test_no_text_crashes_the_scanner(text: str) -> None:
    """Whatever stands there is read to its end, and every place lies inside of it."""
    shell = scan(text)
    assert all(0 <= use.start <= use.start + use.length <= len(text) for use in shell.uses)
    assert all(0 <= word.start <= word.end <= len(text) for one in shell.commands for word in one.words)


@pytest.mark.parametrize(
    "piece", ["((a) ", "echo $x; ", "a=(b ", "if x; then ", "$((", 'y="$(', "cat <<E\n", "# c\n", "f() { "]
)
def test_time_grows_with_the_length(piece: str) -> None:
    """A hundred thousand letters are read with a bounded number of uses and commands: nothing is read twice."""
    shell = scan(piece * (100_000 // len(piece)))
    assert len(shell.uses) + len(shell.commands) <= 100_000


@settings(max_examples=150)
@given(
    st.lists(
        st.sampled_from(
            ["x=1", "echo $x", "(", ")", "{", "}", ";", "\n", "if", "then", "fi", "do", "done", "while", "case", "in", "esac",
             "a)", ";;", "'", '"', "$(", "&&", "|", "<<E\n", "E\n", "f()", "}", "# c\n"]
        ),
        max_size=12,
    )
)  # fmt: skip
def test_what_bash_can_read_is_read_whole(words: list[str]) -> None:
    """A script that bash takes closes for the scanner too; inside of backticks bash does not look yet."""
    bash = shutil.which("bash")
    assert bash is not None
    script = " ".join(words)
    taken = subprocess.run([bash, "-n"], input=script.encode(), capture_output=True, check=False)
    if taken.returncode == 0 and not taken.stderr:
        assert scan(script).whole


COMPARED = st.sampled_from(
    ["-n $a", "$a > b1", "c1 < $b", "$a == d*", "! -e e1", "$a =~ ^(f|g)$", '"]]" > h1']
)
SUMMED = st.sampled_from(["a > b", "a << 2", "b >= 1", "a = b > 0", "!b", "a"])


def joined_by_signs(atoms: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """Return conditions of conditions."""
    return st.recursive(
        atoms,
        lambda inner: (
            st.tuples(inner, st.sampled_from(["&&", "||"]), inner).map(" ".join) | inner.map("( {} )".format)
        ),
        max_leaves=4,
    )


CONDITIONS = joined_by_signs(COMPARED).map("[[ {} ]]".format) | joined_by_signs(SUMMED).map("(( {} ))".format)
AROUND = st.sampled_from(["{}", "! {}", "if {}; then :; fi", "{{ {}; }}", "({})", "(({}); :)"])
BEHIND = st.lists(st.sampled_from([" >w1", " 2> w2", ">>w3", " <&-", " 2>&1"]), max_size=2).map("".join)


@settings(max_examples=60)
@given(CONDITIONS, AROUND, BEHIND, BEHIND)
@example("[[ $a > b1 ]]", "{}", " >w1", "")
@example("[[ $a =~ ^(f|g)$ && $a > b1 ]]", "({})", "", "")
def test_conditions_write_what_bash_writes(condition: str, around: str, inner: str, outer: str) -> None:
    """A sign within a condition compares; behind it, it writes the file that it writes in bash."""
    script = around.format(condition + inner) + outer
    with TemporaryDirectory() as folder:
        taken = subprocess.run(
            ["bash", "-c", f"a=1 b=2; {script}"], cwd=folder, capture_output=True, check=False
        )
        assert b"syntax" not in taken.stderr
        assert {word.text for _, word in scan(script).writes} == set(os.listdir(folder))
