# Needs python3 (3.11 or newer) with venv, and make. Everything else is brought into .venv.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
MAKEFLAGS += --no-print-directory

KEYSTONES := .venv-openstack

.PHONY: help demo test test-openstack torture check format bench bench-screen bench-replay bench-fanout bench-faults bench-floods bench-scale screenshots recording snapshots clean

help:
	@echo "make demo    step through a shipped runbook on forty rehearsal hosts"
	@echo "make test    run the tests"
	@echo "make test-openstack   upgrade a real Keystone with a shipped runbook, drain nodes of a real Nova (needs a C compiler)"
	@echo "make torture cut the power, kill, fill the disk: thousands of times, with figures"
	@echo "make check   format, lint, types and import rules"
	@echo "make format  bring the code into the form that check wants"
	@echo "make screenshots   the documents' pictures, from the real screens"
	@echo "make recording     the documents' recording, of the real demo"
	@echo "make snapshots     what the tests remember of every screen; look at the difference then"
	@echo "make bench   figures, side by side with what they are measured against"
	@echo "make bench-screen   the screen on a real terminal: its first paint, keys under load, a million lines"
	@echo "make bench-replay   a wide run, listed, folded and reported"
	@echo "make bench-fanout N=1000   so many hosts, beside clush, pdsh, Fabric, ... where they are installed"
	@echo "make bench-faults   a thousand hosts of which some are broken;  bench-floods: hosts that print without end;"
	@echo "                    bench-scale: a hundred thousand hosts that are only played"
	@echo "make clean   take away all that was built"

# At a terminal a no-go (1), a detached run (3) and Ctrl-C (130) are what its operator chose.
demo: $(READY)
	@$(BIN)/gonogo demo || { code=$$?; test -t 0 && case $$code in 1|3|130) ;; *) exit $$code;; esac; }

test: $(READY)
	@$(BIN)/pytest -q -n auto $(ARGS)

test-openstack: $(READY) $(KEYSTONES)/.ready
	@GONOGO_KEYSTONES=$(CURDIR)/$(KEYSTONES) GONOGO_NOVA=$(CURDIR)/$(KEYSTONES)/nova \
	  $(BIN)/pytest -q -n 3 --dist loadgroup tests/openstack/test_keystone.py tests/openstack/test_nova.py $(ARGS)

# Half the processors: the rest are for the runs that the tests start and kill.
torture: $(READY)
	@GONOGO_TORTURE=1 $(BIN)/pytest -q -n $$(( ($$(getconf _NPROCESSORS_ONLN) + 1) / 2 )) tests/torture tests/run/test_machine.py $(ARGS)

check: $(READY)
	@$(BIN)/ruff format --quiet --check .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy --no-error-summary
	@$(BIN)/lint-imports --no-cache >$(VENV)/.imports 2>&1 || { cat $(VENV)/.imports; exit 1; }
	@echo "format, lint, types and import rules: good"

format: $(READY)
	@$(BIN)/ruff format --quiet .
	@$(BIN)/ruff check --quiet --fix .

bench: $(READY)
	@$(BIN)/python -m bench $(ARGS)

bench-screen: $(READY)
	@$(BIN)/python -m bench screen $(ARGS)

bench-replay: $(READY)
	@$(BIN)/python -m bench replay seek $(ARGS)

bench-fanout: $(READY)
	@$(BIN)/python -m bench.wide -n $(or $(N),1000) $(ARGS)

bench-faults: $(READY)
	@$(BIN)/python -m bench.faulty -n $(or $(N),1000) $(ARGS)

bench-floods: $(READY)
	@$(BIN)/python -m bench.floods $(ARGS)

bench-scale: $(READY)
	@$(BIN)/python -m bench.scale -n $(or $(N),100000) $(ARGS)

screenshots: $(READY)
	@$(BIN)/python -m tests.tui.pictures docs/images

recording: $(READY)
	@$(BIN)/python -m tests.tui.recording docs/demo.cast

snapshots: $(READY)
	@GONOGO_SNAPSHOTS=write $(BIN)/pytest -q -n auto tests/tui/test_snapshots.py $(ARGS)

clean:
	@rm -rf $(VENV) $(KEYSTONES) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Each release in a virtualenv of its own, so that one serves while the other waits beside it.
$(KEYSTONES)/.ready: $(addprefix tests/openstack/,keystone/2023.1.txt keystone/2024.1.txt realnova/2024.1.txt) | $(READY)
	@rm -rf $(KEYSTONES)
	@for release in 2023.1 2024.1; do \
	  echo "Setting up Keystone $$release in $(KEYSTONES) (once)"; \
	  $(BIN)/uv venv --quiet --python $(BIN)/python $(KEYSTONES)/$$release && \
	  VIRTUAL_ENV= $(BIN)/uv pip install --quiet --compile-bytecode --python $(KEYSTONES)/$$release/bin/python \
	    --requirement tests/openstack/keystone/$$release.txt || exit 1; \
	done
	@echo "Setting up Nova 2024.1 in $(KEYSTONES) (once)"
	@$(BIN)/uv venv --quiet --python $(BIN)/python $(KEYSTONES)/nova
	@VIRTUAL_ENV= $(BIN)/uv pip install --quiet --python $(KEYSTONES)/nova/bin/python \
	  --requirement tests/openstack/realnova/2024.1.txt
	@touch $@

$(READY): pyproject.toml uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "gonogo needs Python 3.11 or newer, and '$(PYTHON)' is $$($(PYTHON) --version 2>/dev/null || echo missing)."; \
	  echo "  Name another one: make PYTHON=python3.12 $(or $(MAKECMDGOALS),demo)"; exit 1; } >&2
	@for room in executors tui runbooks; do test -L gonogo/$$room -o -d gonogo/$$room || ln -s ../$$room gonogo/$$room; done
	@{ test -x $(BIN)/uv && $(BIN)/python -c ''; } 2>/dev/null || { \
	  echo "Setting up $(VENV) (once)"; \
	  $(PYTHON) -m venv --clear $(VENV) >/dev/null 2>&1 || { rm -rf $(VENV); \
	    echo "'$(PYTHON) -m venv' does not work here."; \
	    echo "  On Debian and Ubuntu: apt-get install python3-venv"; exit 1; } >&2; \
	  $(BIN)/python -m pip install --quiet --disable-pip-version-check uv; }
	@UV_PROJECT_ENVIRONMENT=$(VENV) UV_PYTHON_DOWNLOADS=never VIRTUAL_ENV= \
	  $(BIN)/uv sync --quiet --locked --compile-bytecode --python $(BIN)/python
	@touch $@
