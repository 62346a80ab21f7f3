"""Mistakes that show only in the whole document."""

from __future__ import annotations

import time

import pytest

from gonogo.format.load import loads
from gonogo.format.model import Problem, Severity

HEAD = "---\ngonogo: 1\n---\n"


def found(body: str, head: str = HEAD, path: str = "test.md") -> tuple[Problem, ...]:
    """Return the mistakes of a document."""
    return loads((head + body).encode(), path).problems


def codes(script: str, given: str = "read-only") -> list[str]:
    """Return the codes of the mistakes of one block."""
    return [problem.code for problem in found(f"```sh {{{given}}}\n{script}\n```\n")]


def underlined(body: str, problem: Problem, head: str = HEAD) -> str:
    """Return the text that a mistake is about."""
    line = (head + body).split("\n")[problem.place.line - 1]
    return line[problem.place.column - 1 : problem.place.column - 1 + problem.length]


class TestVariables:
    """What is set where."""

    def test_an_earlier_block_of_the_step_sets_a_variable(self) -> None:
        """What the command sets is known in its check and rollback."""
        body = "```sh\nx=1\n```\n\n```sh {check}\necho $x\n```\n\n```sh {rollback}\necho $x\n```\n"
        assert found(body) == ()

    def test_a_later_step_knows_captures_only(self) -> None:
        """A variable ends with its step; a capture and each of capture-keys do not."""
        body = (
            "```sh {read-only capture=a}\nx=1\n```\n\n```sh {read-only capture-keys=b,c}\ntrue\n```\n\n"
            "```sh {read-only}\necho $x $a $b $c\n```\n"
        )
        (problem,) = found(body)
        assert (problem.code, underlined(body, problem)) == ("undefined-variable", "$x")

    def test_a_capture_is_not_known_before_it_is_made(self) -> None:
        """The order of the steps counts."""
        body = "```sh {read-only}\necho $a\n```\n\n```sh {read-only capture=a}\ntrue\n```\n"
        assert {problem.code for problem in found(body)} == {"undefined-variable"}

    def test_a_variable_of_another_step_is_told_with_its_line(self) -> None:
        """It ended with that step's shell, which is not what a reader of the document expects."""
        (problem,) = found("```sh {read-only}\nexport x=1\n```\n\n```sh {read-only}\necho $x\n```\n")
        assert "set by the step in line 4" in problem.message

    def test_env_sets_a_variable_for_its_step(self) -> None:
        """A section's env holds for all its steps, a step's own for that one."""
        body = "## A <!-- gonogo: env=x=1 -->\n\n```sh {read-only}\necho $x\n```\n\n## B\n\n```sh {read-only}\necho $x\n```\n"
        assert [problem.place.line for problem in found(body)] == [13]

    @pytest.mark.parametrize(
        "name", ["HOME", "OS_CLOUD", "ansible_host", "BASH_REMATCH", "GONOGO_HOST", "SSH_CLIENT"]
    )
    def test_what_the_environment_sets(self, name: str) -> None:
        """A login shell's variables, OpenStack's, and those that each host has."""
        assert codes(f"echo ${name}") == []

    @pytest.mark.parametrize(
        ("use", "head"),
        [
            ("```sh {read-only}\necho $x\n```\n", ""),
            ("```sh {read-only}\nenvsubst '${x}' <f\n```\n", ""),
            ("```python {read-only}\nimport os; os.environ['x']\n```\n", ""),
            ('```sh {read-only when="$x == a"}\ntrue\n```\n', ""),
            ("```sh {read-only hosts=$x}\ntrue\n```\n", ""),
            ("```sh {read-only cwd=/srv/$x}\ntrue\n```\n", ""),
        ],
    )
    def test_an_input_is_used(self, use: str, head: str) -> None:
        """By a command, through another program, by a condition, by a pattern of hosts."""
        assert found(use, "---\ngonogo: 1\ninputs:\n  - name: x\n---\n" + head) == ()

    @pytest.mark.parametrize(
        "name", ["PATH", "IFS", "LD_PRELOAD", "BASH_ENV", "ENV", "PS4", "SHELLOPTS", "PYTHONPATH"]
    )
    def test_names_that_would_change_how_commands_run(self, name: str) -> None:
        """Neither an input nor a capture may be called so."""
        body = f"```sh {{read-only capture={name}}}\ntrue\n```\n\n```sh {{read-only}}\necho ${name}\n```\n"
        head = f"---\ngonogo: 1\ninputs:\n  - name: {name}\n---\n"
        errors = [one for one in found(body, head) if one.severity is Severity.ERROR]
        assert [one.code for one in errors] == ["reserved-name", "reserved-name"]
        assert underlined(body, errors[0], head) == name


class TestCommands:
    """Commands that wait for somebody, and those that become another user."""

    @pytest.mark.parametrize(
        "command",
        [
            "read -r x", "cat", "cat -n", "sort | cat; cat", "tee /tmp/x", "xargs rm", "mysql shop", "mysql -u root -pX shop",
            "psql", "psql -U postgres shop", "sqlite3 a.db", "passwd root", "chpasswd", "fdisk /dev/sda", "vi f", "nano f",
            "visudo", "crontab -e", "top", "less f", "watch df", "kubectl edit pod/a", "systemctl edit nginx",
            "apt install nginx", "apt-get upgrade", "yum update", "dnf install x", "zypper in x", "pacman -S x",
            "pip uninstall x", "terraform apply", "rm -i f", "docker run -it x", "oc -n a edit pod/a", "kubectl exec -it a -- sh", "oc rsh a", "ssh web1", "ssh -p 22 web1", "ssh web1 uptime", "env A=1 vi f",
            "nice -n 5 apt-get install x", "timeout 5 read x", "if read x; then true; fi", "for i in a; do ssh $i true; done",
            "while read -r x; do ssh $x true; done <f",
        ],
    )  # fmt: skip
    def test_a_command_that_waits_for_somebody(self, command: str) -> None:
        """Nobody would answer it."""
        assert "reads-input" in codes(command)

    @pytest.mark.parametrize(
        "command",
        [
            "read -r x <f", "echo a | read -r x", "read -u 3 x", "cat f", "cat <<E\na\nE", "df | sort", "echo a | tee f",
            "ls | xargs rm", "xargs -a f rm", "mysql -e 'select 1'", "mysql shop <f", "mysql --execute='select 1'",
            "psql -c 'select 1'", "psql -f f.sql", "psql <f", "sqlite3 a.db 'select 1'", "passwd -l root", "echo a:b | chpasswd",
            "fdisk -l", "visudo -c", "crontab f", "crontab -l", "top -bn1", "df | less", "kubectl apply -f x", "kubectl exec a -- ls -t", "kubectl get pods", "systemctl restart x",
            "apt install -y nginx", "apt-get -qq install x", "apt list", "apt-get update", "yum -y update", "yum check-update",
            "dnf install -y x", "dnf history", "zypper -n in x", "pacman -Q", "pip install x", "terraform apply -auto-approve",
            "rm -rf f", "docker run x", "docker exec x ls", "ssh -n web1 uptime", "ssh web1 uptime </dev/null", "command -v vi",
            "while read -r x; do ssh -n $x true; done <f", "while read -r x; do echo $x; done <f", "echo 'vi f'", "# vi f",
            "cat <<'E'\nvi f\nE",
        ],
    )  # fmt: skip
    def test_a_command_that_waits_for_nobody(self, command: str) -> None:
        """It is fed, told to go on, or asks nothing."""
        assert "reads-input" not in codes(command)

    def test_an_interactive_step_may_wait(self) -> None:
        """It has the operator's own terminal."""
        assert codes("vi f", "interactive read-only") == []

    @pytest.mark.parametrize(
        ("command", "user"),
        [
            ("sudo ls", "root"),
            ("sudo -u db ls", "db"),
            ("su - db -c ls", "db"),
            ("su -c ls", "root"),
            ("true && sudo ls", "root"),
        ],
    )
    def test_another_user_is_said_with_as(self, command: str, user: str) -> None:
        """The mend names the user that the command names."""
        (problem,) = found(f"```sh {{read-only}}\n{command}\n```\n")
        assert problem.code == "sudo"
        assert f"as={user}" in problem.mend


class TestSecrets:
    """Passwords, tokens and keys."""

    @pytest.mark.parametrize(
        "line",
        [
            "OS_PASSWORD=Wohn7eiG openstack token issue", "export DB_PASS='Wohn7eiG'", 'x --password "Wohn7eiG"',
            "openstack --os-password Wohn7eiG server list", "mysql -pWohn7eiG -e 1", "curl -u bob:Wohn7eiG https://a",
            "curl https://bob:Wohn7eiG@a/", "sshpass -p Wohn7eiG ssh -n a", "curl -H 'Authorization: Bearer Wohn7eiGWohn7eiGWohn7eiG' a",
            "echo 'password = Wohn7eiG' >f", "cat >f <<E\npassword: Wohn7eiG\nE",
        ],
    )  # fmt: skip
    def test_a_password_is_found(self, line: str) -> None:
        """With a warning at its place, without the rest of the line."""
        body = f"```sh {{read-only}}\n{line}\n```\n"
        (problem,) = found(body)
        assert problem.code == "secret"
        assert underlined(body, problem).strip("\"'") in ("Wohn7eiG", "Wohn7eiG" * 3)

    @pytest.mark.parametrize(
        "token",
        [
            "AKIA" + "Q2W3" * 4, "ghp_" + "a1" * 18, "xoxb-" + "1234567890", "glpat-" + "a1" * 10, "AIza" + "a1B2c" * 7, "sk_live_" + "a1" * 10,
            "hvs." + "a1" * 12, "-----BEGIN PRIVATE KEY-----MIIEvQIBADANBgkqhkiG9w0B",
            "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ",
        ],
    )  # fmt: skip
    def test_a_token_of_a_known_form_is_an_error_anywhere(self, token: str) -> None:
        """In prose as in commands: whoever reads the repository has it."""
        (problem,) = found(f"Use {token} here.\n\n```sh {{read-only}}\ntrue\n```\n")
        assert (problem.code, problem.severity) == ("secret", Severity.ERROR)

    @pytest.mark.parametrize(
        "line",
        [
            "OS_PASSWORD=$password openstack token issue", "export PASSWORD=${1:?}", "PASSWORD=$(pass show x)", "x --password changeme",
            "x --password-file /etc/x", "x --token-stdin", "PASSWORD=", "password=xxxx", "password=********", "token=/run/token",
            "password: true", "curl -u bob https://a", "curl https://bob@a/", "curl https://bob:$password@a/", "mysql -p -e 1",
            "grep password= f", "x --password your-password", "TOKEN=secure-token", "echo -----BEGIN PRIVATE KEY-----", "AKIAXXXXXXXXXXXXXXXX", "passwd -l root", "AKIAIOSFODNN7EXAMPLE", "echo 'Enter the password: '", "git clone git@host:a/b",
        ],
    )  # fmt: skip
    def test_what_is_no_secret(self, line: str) -> None:
        """References, files, masks and words for any value."""
        assert "secret" not in codes(line)


class TestPlaces:
    """Where a mistake is shown, in every shape of a document."""

    @pytest.mark.parametrize(
        "body",
        [
            "```sh {read-only}\necho a $nope\n```\n",
            "1. A\n\n   ```sh {read-only}\n   echo $nope\n   ```\n",
            "> ```sh {read-only}\n> echo $nope\n> ```\n",
            "```console {read-only}\n$ true\nout $nope\n$ echo $nope\n```\n",
            "- [ ] Ask\n\n  ```sh {read-only}\n  echo \\\n    $nope\n  ```\n",
            "```sh {read-only}\ntrue\n```\n\n~~~~sh {check}\n\techo é漢 $nope\n~~~~\n",
        ],
    )
    def test_markdown(self, body: str) -> None:
        """The line and column are the document's, whatever stands around the block."""
        (problem,) = (one for one in found(body) if one.code == "undefined-variable")
        assert underlined(body, problem) == "$nope"

    @pytest.mark.parametrize(
        "run",
        [
            "run: echo $nope",
            "run: |\n      true\n      echo $nope",
            'run: "echo $nope"',
            "run: >-\n      echo\n      $nope",
        ],
    )
    def test_yaml(self, run: str) -> None:
        """Also in YAML's ways to write a text."""
        body = f"gonogo: 1\nsteps:\n  - title: Look\n    read-only: true\n    {run}\n"
        (problem,) = found(body, "", "test.yaml")
        assert underlined(body, problem, "") == "$nope"

    def test_a_key_is_shown_where_its_step_has_it_from(self) -> None:
        """In the item's own comment, in JSON, and never in words that look like it."""
        body = (
            "## It is the same-as before <!-- gonogo: read-only same-as=a -->\n\n```sh\ntrue\n```\n\n"
            "- The same-as of it <!-- gonogo: same-as=b -->\n\n  ```sh\n  true\n  ```\n\n"
            '```sh {"read-only": true, "same-as": "c"}\ntrue\n```\n'
        )
        problems = {one.message[8]: one for one in found(body)}
        assert {name: one.place.line for name, one in problems.items()} == {"a": 4, "b": 10, "c": 16}
        assert underlined(body, problems["a"]) == "same-as=a"
        assert underlined(body, problems["b"]) == "same-as=b"

    def test_a_key_of_a_section_is_shown_there(self) -> None:
        """A step's pattern that comes from its heading is mended at the heading."""
        body = "## A <!-- gonogo: outage-begin=shop -->\n\n```sh {read-only}\ntrue\n```\n"
        (problem,) = found(body)
        assert (problem.place.line, underlined(body, problem)) == (4, "outage-begin=shop")


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("ping <ADDRESS>", ["error"]),
        ("ping <address> -c 1", ["error"]),
        ("ping -c 1 <your address>", ["error"]),
        ('curl -d \'{"a": "<NAME>"}\' https://a', ["error"]),
        ("cat <<'E'\nname = <NAME>\nE", ["error"]),
        ("grep '<ERROR>' f", ["warning"]),
        ("true # <NAME>", []),
        ("sort <in >out", []),
        ("sort <in>out", []),
        ("sort <IN >OUT", []),
        ("echo '<html>' '<HOST>a</HOST>'", []),
        ("diff <(ls) <(ls -a)", []),
        ("cat <<EOF >f\nEOF", []),
    ],
)
def test_what_was_to_be_filled_in(command: str, told: list[str]) -> None:
    """Redirections, markup and comments are left alone; a pattern may well look for such a text."""
    problems = found(f"```sh {{read-only}}\n{command}\n```\n")
    assert [one.severity.value for one in problems if one.code == "placeholder"] == told


@pytest.mark.parametrize(
    ("command", "told"),
    [
        ("echo {{ x }}", 1),
        ("echo {{x.y | default('a')}}", 1),
        ("docker ps --format '{{.Names}}'", 0),
        ("docker inspect -f '{{json .State}}' a", 0),
        ("docker inspect -f '{{range .M}}{{.T}}{{end}}' a", 0),
        ("echo ${x:-{{}}", 0),
    ],
)
def test_there_is_no_template_language(command: str, told: int) -> None:
    """Go's templates belong to the commands that read them."""
    assert codes(command).count("template") == told


def test_a_document_that_is_not_ours_gets_no_errors() -> None:
    """It was never written for this tool: what looks odd is a warning."""
    problems = found("```sh\nsudo vi <FILE> $x\nif\n```\n\n```sh {check}\n", "")
    assert {problem.severity for problem in problems} == {Severity.WARNING}
    assert {"sudo", "undefined-variable", "no-rollback"}.isdisjoint(problem.code for problem in problems)


def test_other_languages_are_not_read_as_shell() -> None:
    """Python has no shell variables and no shell syntax; an interpreter's name counts more than the fence's."""
    assert found("```python {read-only}\nprint(f'$x', if_)\n```\n") == ()
    assert found("```sh {read-only interpreter=ruby}\nputs $x if (1\n```\n") == ()
    assert [one.code for one in found("```ruby {run read-only interpreter=/bin/sh}\necho $x\n```\n")] == [
        "undefined-variable"
    ]


def test_syntax_errors_of_many_blocks_are_each_found() -> None:
    """A block that never closes hides no other one's mistake."""
    body = "".join(
        f"```sh {{read-only}}\n{script}\n```\n\n"
        for script in (
            "if true",
            "true",
            "echo 'a",
            "fi",
            "cat <<E",
            "f() {",
            "true; done",
            "x=$(",
            "echo ok",
        )
    )
    lines = [one.place.line for one in found(body) if one.code == "shell-syntax"]
    assert lines == [5, 13, 17, 25, 29, 33]


def test_a_hostile_document_has_a_bounded_number_of_mistakes() -> None:
    """Ten thousand mistakes are told as a thousand, and that there are more."""
    problems = found("```sh\nsudo vi $x <X>\n```\n\n" * 3000)
    assert len(problems) <= 3 * 1001
    assert problems[-1].code == "too-many" or any(problem.code == "too-many" for problem in problems)


@pytest.mark.parametrize(
    "piece",
    [
        "(x=1); echo $x; ",
        "#\n<X> ",
        "$x ",
        "password=a1b2c3d4 ",
        "<X> ",
        "{{ x }} ",
        "https://a:",
        "eyJ",
        "'",
        "$(",
        "-----BEGIN ",
    ],
)
def test_long_lines_cost_no_more_than_their_length(piece: str) -> None:
    """200,000 letters of anything are checked in seconds of the processor, not minutes."""
    begun = time.process_time()
    found(f"```sh {{read-only}}\n{piece * (200_000 // len(piece))}\n```\n")
    assert time.process_time() - begun < 20
