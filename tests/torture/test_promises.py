"""Promises about commands, secrets and bytes, looked at from outside: by system calls, files, processes."""

from __future__ import annotations

import base64
import hashlib
import re
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from gonogo.trail.output import output_path, read_host
from tests.lab.fleet import fleet
from tests.torture.ground import (
    Ground,
    ended,
    kill,
    possible_trails,
    records_of,
    times,
    until,
    writer_of,
)

HEAD = "---\ngonogo: 1\ntitle: Promise\n"
HOSTS = ["h01", "h02", "h03"]
DELAY = 0.2
"""Seconds that each sync of the trail takes longer."""
CALL = re.compile(r"^\d+ +(\d+\.\d+) (write|fdatasync)\(.*\) += (\d+) .*<(\d+\.\d+)>$", re.MULTILINE)
SECRET = "Quee3Zu/oh=Ya8 ch+o"
FORMS = {
    "raw": SECRET,
    "base64": base64.b64encode(SECRET.encode()).decode(),
    "hex": SECRET.encode().hex(),
}
STEPS = {
    "success": "",
    "failure": "exit 3\n",
    "timeout": "sleep 60\n",
    "kill": "sleep 60\n",
}
TRACED = "execve,execveat,connect,sendto,open,openat,creat,unlink,unlinkat,rename,renameat2,truncate,chmod"
PRINTED = (
    b"[FAILED] [/] [bold]x[/bold]\r50%\r100%\n\0nul \xff\xfe\xc3( \x1b[31mred\x1b]0;title\x07"
    b"\x9b31m \xe2\x80\xae\n\n#1 o h 3\n"
)


def _durable(log: str, at: float) -> int:
    """Return how many bytes of the trail were synced at a moment, by strace's account."""
    durable = waiting = 0
    for entered, call, result, took in CALL.findall(log):
        if call == "write":
            waiting += int(result)
        elif float(entered) + float(took) > at:
            return durable
        else:
            durable, waiting = durable + waiting, 0
    return durable


def test_a_command_reaches_its_host_after_its_go_and_its_start_are_on_disk(
    ground: Ground, need: Callable[[str, str], str]
) -> None:
    """With slow syncs, each host notes when its command begins: what permits it was on disk by then."""
    ground.write(
        "promise.md",
        HEAD + "---\n\n## Work\n\n```sh {hosts=all id=work batch=1,2}\ndate +%s.%N >> began\n```\n",
    )
    log = ground.folder / "log"
    words = [need("strace", "strace"), "-f", "-qq", "-ttt", "-T", "-s0", "-o", log, "--trace=write,fdatasync"]
    delay = f"--inject=fdatasync:delay_enter={int(DELAY * 1e6)}"
    with fleet(ground.folder, HOSTS) as lab:
        trails = possible_trails(ground, "promise")
        run = ["run", "promise.md", "-i", lab.inventory, "--yes"]
        done = ground.gonogo(*run, before=[*words, *trails, delay])
        assert done.returncode == 0, done.stdout + done.stderr
        began = {
            host: [
                float(line) for line in (lab.directory / "hosts" / host / "root/began").read_text().split()
            ]
            for host in HOSTS
        }
    trail = ground.trail.read_bytes()
    for host, moments in began.items():
        assert len(moments) == 1
        known = records_of(trail[: _durable(log.read_text(), moments[0])])
        starts = [one for one in known if one["k"] == "host.start" and host in one["hosts"]]
        assert starts, f"{host} was at work before it was on disk that it may"
        gates = {one["gate"]: one["turn"] for one in known if one["k"] == "gate.ask"}
        gone = [one for one in known if one["k"] == "gate.answer" and one["answer"] == "go"]
        assert gone[-1]["n"] < starts[0]["n"]
        assert gates[gone[-1]["gate"]] == starts[0]["turn"]


def _digests(folder: Path) -> dict[str, tuple[str, int]]:
    return {
        str(path.relative_to(folder)): (
            hashlib.sha256(path.read_bytes()).hexdigest(),
            path.stat().st_mtime_ns,
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.parametrize(
    "words",
    [
        ["replay", "last"],
        ["verify", "last"],
        ["runs"],
        *(["report", "last", "--to", form] for form in ("html", "md", "json", "csv", "cast", "junit")),
        ["compare", "last", "last"],
    ],
    ids=" ".join,
)
def test_looking_back_executes_connects_and_changes_nothing(
    ground: Ground, need: Callable[[str, str], str], words: list[str]
) -> None:
    """No program is started, no socket leaves the machine, nothing is opened for writing, no file differs."""
    script = (
        "echo ran >> journal\necho '```sh'; echo 'touch /tmp/never'; echo '![x](http://192.0.2.1/x.png)'\n"
    )
    ground.write("promise.md", f"{HEAD}---\n\n## Work\n\n```sh {{id=work}}\n{script}```\n")
    assert ground.gonogo("run", "promise.md", "--yes").returncode == 0
    before = _digests(ground.run)
    log = ground.folder / "log"
    before_it = [need("strace", "strace"), "-f", "-qq", "-o", log, f"--trace={TRACED}"]
    done = ground.gonogo(*words, before=before_it)
    assert done.returncode == 0, done.stderr
    calls = log.read_text(errors="replace").splitlines()
    assert sum(" execve(" in call and call.endswith("= 0") for call in calls) == 1, "a program was started"
    assert not [call for call in calls if "AF_INET" in call]
    touched = re.compile(r" (unlink|rename|truncate|chmod|creat)|O_WRONLY|O_RDWR|O_CREAT")
    changing = [call for call in calls if touched.search(call) and str(ground.folder) in call]
    assert not changing
    assert _digests(ground.run) == before
    assert ground.journal == ["ran"]


def _arguments(found: list[str], over: threading.Event) -> None:
    """Look at every process's arguments, again and again."""
    while not over.is_set():
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                text = path.read_bytes().decode(errors="replace")
            except OSError:
                continue
            found += [text for form in FORMS.values() if form in text]


@pytest.mark.parametrize("outcome", STEPS)
def test_a_secret_is_in_no_sink(ground: Ground, outcome: str) -> None:
    """Neither files, screens, reports nor process lists hold it, however the run goes."""
    printing = (
        'echo "it is $token"\necho "$token" >&2\n'
        'printf %s "$token" | base64\nprintf %s "$token" | od -An -v -tx1 | tr -d \' \\n\'\necho\n'
    )
    script = f"{printing}{STEPS[outcome]}"
    ground.write(
        "promise.md",
        f"{HEAD}inputs:\n  - {{name: token, secret: true}}\n---\n\n## Work\n\n"
        f"```sh {{id=work timeout=2s}}\n{script}```\n",
    )
    answers = ground.answers("{step: work, at: failure, answer: abort, reason: seen}")
    found: list[str] = []
    over = threading.Event()
    watcher = threading.Thread(target=_arguments, args=(found, over))
    watcher.start()
    try:
        said = _run_with_secret(ground, answers, outcome)
    finally:
        over.set()
        watcher.join()
    assert not found, "it was in a process's arguments"
    for words in (["report", "last", "--to", "html"], ["replay", "last"], ["verify", "last"]):
        done = ground.gonogo(*words)
        said += done.stdout + done.stderr
    files = {path: path.read_bytes() for path in ground.folder.rglob("*") if path.is_file()}
    assert any(b"it is" in data for path, data in files.items() if path.suffix == ".out")
    for name, form in FORMS.items():
        assert form not in said, f"{name} form on a screen"
        assert not [path for path, data in files.items() if form.encode() in data], f"{name} form in a file"


def _run_with_secret(ground: Ground, answers: Path, outcome: str) -> str:
    run = ["run", "promise.md", "--yes", "--answers", answers]
    if outcome != "kill":
        done = ground.gonogo(*run, GONOGO_INPUT_token=SECRET)
        assert done.returncode == (0 if outcome == "success" else 1), done.stderr
        return done.stdout + done.stderr
    with ended(ground.start(*run, GONOGO_INPUT_token=SECRET)) as screen:
        until(ground.runs.exists, "the run begins")
        until(lambda: any(b"it is" in path.read_bytes() for path in ground.runs.rglob("*.out")), "it prints")
        kill(writer_of(ground.trail))
        out, err = screen.communicate()
    done = ground.gonogo("resume", "last", "--answers", answers, GONOGO_INPUT_token=SECRET)
    assert done.returncode == 1, done.stdout + done.stderr
    return str(out + err + done.stdout + done.stderr)


def test_what_a_host_printed_is_what_is_kept(ground: Ground) -> None:
    """Markup, NUL, carriage returns, escapes and broken UTF-8 are kept byte by byte, and shown harmlessly."""
    (ground.folder / "printed").write_bytes(PRINTED * times(1, 1000))
    ground.write("promise.md", f"{HEAD}---\n\n## Work\n\n```sh {{id=work}}\ncat printed\n```\n")
    done = ground.gonogo("run", "promise.md", "--yes")
    assert done.returncode == 0, done.stderr
    assert read_host(output_path(ground.run, 0, 1), "localhost") == PRINTED * times(1, 1000)
    again = ground.gonogo("replay", "last")
    report = ground.gonogo("report", "last", "--to", "html")
    for text in (done.stdout, again.stdout, report.stdout):
        assert "[FAILED] [/] [bold]x[/bold]" in text
        assert not set(text) & set("\0\x1b\x07\x9b\u202e\r")
