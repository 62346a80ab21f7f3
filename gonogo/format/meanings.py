"""What each key means, in a line: for the schema, which editors show, and for the docs' completeness."""

from __future__ import annotations

FRONT = {
    "gonogo": "The format's version: 1.",
    "title": "The runbook's title.",
    "inventory": "An Ansible inventory; relative to this file. -i on the command line wins.",
    "inputs": "Values that are asked for.",
    "services": "The services that outage-begin and outage-end may name.",
    "blast-radius": "A changing step on more hosts than this asks for their number.",
    "allowed-signers": "OpenSSH's file of who may sign and approve; relative to this file.",
    "roles": "Role: the principals of allowed-signers that have it.",
    "monitors": "Read-only commands that run every so often during the whole run, each for one number.",
    "test-plan": "Ids of steps and sections that can be run at any gate, in rounds that are compared.",
}

MONITOR = {
    "name": "What it is called.",
    "value": "How its number is read: number (the first on the last line), exit, failing, or a regular "
    "expression with one group around the number.",
    "combine": "How the numbers of several hosts become one.",
    "unit": "What the number counts.",
    "warn-above": "A higher number is a warning.",
    "warn-below": "A lower number is a warning.",
    "alarm-above": "A higher number is an alarm.",
    "alarm-below": "A lower number is an alarm.",
    "every": "The time between two samples: 30s when absent, 1s at least.",
    "timeout": "How long a sample may take: 30s when absent.",
}
"""A monitor's own keys; its other ones mean what they mean in a step."""

INPUT = {
    "name": "The environment variable that commands see.",
    "prompt": "The question.",
    "choices": "The only values that are taken.",
    "default": "The value when nothing is typed.",
    "secret": "Asked for unseen, never written, masked in output.",
    "type": "What the value must be.",
    "pattern": "A regular expression that the whole value must match.",
    "ask": "start: before the run; reached: at a gate before the first step that uses it.",
}

OWN = {
    "title": "The step's or section's title.",
    "id": "The step's id; a slug of its titles when absent.",
    "name": "The same as id, as other tools call it.",
    "prose": "Markdown shown beside the step.",
    "run": "Commands that run.",
    "openstack": "Commands for an OpenStack cloud: run in the language openstack.",
    "language": "The language of run, check and rollback: sh when absent.",
    "check": "Commands that must succeed afterwards.",
    "rollback": "Commands that undo it, for just the hosts that were reached.",
    "test": "It is for the test plan alone: it runs in rounds of tests, never in the document's order.",
    "confirm": "A question that a person answers with go or no-go.",
    "steps": "Steps of a section, which begin with its options.",
    "include": "Another runbook whose steps stand here; relative to this file, inside the repository.",
}
"""A step's or section's own keys in YAML; the others are options."""

STEP = {
    "hosts": "A host pattern; without it the step runs on the operator's machine.",
    "via": "The executor: ssh with hosts, local without.",
    "as": "The user to become, by sudo.",
    "cwd": "The folder that commands start in.",
    "env": "Further environment variables.",
    "interpreter": "The program that reads the script.",
    "interactive": "The command gets the operator's own terminal, one host at a time.",
    "batch": "A number of hosts, a share, or a ramp such as 1,10,20% whose last size repeats.",
    "order": "How hosts are sorted before batches are cut.",
    "parallel": "How many hosts at once.",
    "between": "Before a further batch: ask, go, or a pause such as 5m.",
    "max-failures": "So many of a batch may fail and are left out without a question: a count or a share.",
    "timeout": "Past it the command is ended on the host, with all its processes.",
    "connect-timeout": "How long a connection may take.",
    "retries": "How often failed hosts are tried again before the operator is asked.",
    "retry-delay": "The pause before such a try.",
    "until": "Repeat a read-only command until it succeeds on every host or its timeout has passed.",
    "every": "The pause between tries of until, of a check, or of an exit code that means again.",
    "exit": "What exit codes mean: ok, warn, again, fail or stop.",
    "expect": "A regular expression that stdout must match.",
    "expect-not": "A regular expression that stdout must not match.",
    "capture": "Keep stdout under this name, per host; later commands see it as a variable.",
    "capture-keys": "Keep the values of these names from NAME=value lines of stdout, per host.",
    "same-as": "Stdout must equal this capture.",
    "gate": "go: ask before; auto: do not; typed: type the number of hosts; approve: wait for signatures.",
    "approvers": "How many signatures gate=approve waits for.",
    "role": "The role that those who sign must have.",
    "read-only": "It changes nothing.",
    "outage-begin": "A service goes down here.",
    "outage-end": "The service is back after this.",
    "on-failure": "What a failure leads to.",
    "no-output": "Output is neither shown, stored nor captured.",
    "no-rollback": "Why there is no rollback.",
    "when": "A condition over inputs and captures, weighed for each host.",
    "wait": "A pause with a countdown: a step of its own, or before a step's gate.",
    "at": "A wall-clock time to wait for: 22:30 or 2026-11-21T22:30+01:00.",
    "tags": "Words for --tags and --skip-tags.",
}
