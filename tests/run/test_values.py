"""Values: captures per host and for all, lines of KEY=VALUE, odd texts; how they reach a command."""

from __future__ import annotations

import os
from pathlib import Path

from gonogo.run.state import Answer, At, HostState
from tests.run.live import Live

ODD = 'it\'s $HOME `id` \\ "x"\n\n  two\tlines é\x1b[0m%s'
SHOW = 'printf "%s" "$odd" >"odd.$me"'


async def test_a_capture_is_of_its_host(live: Live) -> None:
    """Each host finds what it printed itself, of its latest good try and without what a failed one said."""
    await live.begin("""
      - id: name
        hosts: web
        via: local
        read-only: true
        capture: name
        retries: 1
        run: |
          if mkdir "tried.$me" 2>/dev/null; then echo "first $me"; test "$me" != b; exit; fi
          true
      - {id: use, hosts: web, via: local, read-only: true, run: 'echo "$me=$name" >"use.$me"'}
    """)
    assert await live.end() == "go"
    assert [(live.folder / f"use.{one}").read_text() for one in "abc"] == [
        "a=first a\n",
        "b=\n",
        "c=first c\n",
    ]


async def test_what_one_host_captures_is_for_all(live: Live) -> None:
    """A step on one host, or on this machine, shares its capture with every later step."""
    await live.begin("""
      - {id: one, hosts: 'web[0]', via: local, read-only: true, capture: token, run: 'echo "from $me"'}
      - {id: here, read-only: true, capture: here, run: 'echo here'}
      - {id: use, hosts: web, via: local, read-only: true, run: 'echo "$token $here" >"use.$me"'}
      - {id: local, read-only: true, run: 'echo "$token $here" >use.local'}
    """)
    assert await live.end() == "go"
    found = {(live.folder / f"use.{one}").read_text() for one in ("a", "b", "c", "local")}
    assert found == {"from a here\n"}


async def test_the_canary_shares_nothing(live: Live) -> None:
    """While only the first batch has captured, others have no value, not the canary's."""
    await live.begin("""
      - {id: name, hosts: web, via: local, read-only: true, batch: '1,2', capture: name, run: 'echo "$me"'}
      - {id: other, hosts: web, via: local, read-only: true, run: 'echo "${name-none}" >>"use.$me"'}
    """)
    await live.gate(At.BATCH)
    await live.link.act("jump", to="other", how="forward", reason="try")
    await live.until(lambda state: state.result)
    assert [(live.folder / f"use.{one}").read_text() for one in "abc"] == ["a\n", "none\n", "none\n"]


async def test_keys_are_taken_from_lines(live: Live) -> None:
    """`capture-keys` takes the last line of each named key, per host; other lines are only output."""
    await live.begin("""
      - id: facts
        hosts: web
        via: local
        read-only: true
        capture-keys: VERSION, ID
        run: |
          echo "VERSION=0"
          echo "PATH=/nowhere"
          echo "VERSION=1.$me = x"
          printf 'ID=%s\\r\\n' "$me"
          echo "  ID=indented"
      - {id: use, hosts: web, via: local, read-only: true, run: 'echo "$VERSION|$ID" >"use.$me"'}
    """)
    assert await live.end() == "go"
    found = [(live.folder / f"use.{one}").read_text() for one in "abc"]
    assert found == [f"1.{one} = x|{one}\n" for one in "abc"]


async def test_odd_values_arrive_as_they_are(live: Live) -> None:
    """Quotes, dollars, lines and escapes in a value are data: the command finds them byte for byte."""
    head = "inputs:\n  - {name: odd}\n"
    await live.begin(
        f"  - {{id: use, hosts: web, via: local, read-only: true, run: '{SHOW}'}}\n",
        head=head,
        inputs=(f"odd={ODD}",),
    )
    assert await live.end() == "go"
    assert (live.folder / "odd.a").read_text() == ODD


async def test_a_captured_text_cannot_become_code(live: Live) -> None:
    """What a hostile host prints reaches the next command as text."""
    await live.begin("""
      - {id: get, hosts: web, via: local, read-only: true, capture: x,
         run: 'echo "$(printf "\\044")(touch pwned); rm -rf y"'}
      - {id: use, hosts: web, via: local, read-only: true, run: 'test "$x" = "\\$(touch pwned); rm -rf y"'}
    """)
    assert await live.end() == "go"
    assert not (live.folder / "pwned").exists()


async def test_no_value_is_in_an_argument_list(live: Live) -> None:
    """While the command runs, neither the script nor a value shows in `ps`."""
    head = "inputs:\n  - {name: odd, secret: true}\n"
    await live.begin(
        """
      - id: use
        hosts: web
        via: local
        read-only: true
        run: |
          : marker-in-script
          echo "$odd" >/dev/null
          touch "up.$me"
          while test ! -e go; do sleep 0.02; done
    """,
        head=head,
        inputs=("odd=very-secret-value",),
    )
    await live.there("up.a", "up.b", "up.c")
    seen = b"".join(_arguments())
    (live.folder / "go").touch()
    assert await live.end() == "go"
    assert b"very-secret-value" not in seen
    assert b"marker-in-script" not in seen


def _arguments() -> list[bytes]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        if path.parent.name != str(os.getpid()):
            try:
                found.append(path.read_bytes())
            except OSError:
                continue
    return found


async def test_a_step_can_keep_its_output_to_itself(live: Live) -> None:
    """`no-output`: neither the trail nor the output file holds what it printed; its code counts."""
    await live.begin("""
      - {id: quiet, hosts: web, via: local, no-output: true, run: 'echo not-to""-be-kept; test "$me" != b'}
    """)
    await live.gate(At.FAILURE)
    held = (
        b"".join(path.read_bytes() for path in live.run.rglob("*.out"))
        + (live.run / "audit.jsonl").read_bytes()
    )
    assert b"not-to-be-kept" not in held
    await live.say(Answer.LEAVE_OUT)
    assert live.state.turns[0].in_state(HostState.OK) == ["a", "c"]


async def test_captures_are_read_back_after_a_resume(live: Live) -> None:
    """A resumed run has the values of before, from its own files."""
    await live.begin("""
      - {id: name, hosts: web, via: local, read-only: true, capture: name, run: 'echo "was $me"'}
      - {id: use, hosts: web, via: local, gate: go, run: 'echo "$name" >"use.$me"'}
    """)
    await live.gate(At.GO)
    await live.resume()
    await live.say(Answer.GO)
    assert await live.end() == "go"
    assert (live.folder / "use.b").read_text() == "was b\n"
