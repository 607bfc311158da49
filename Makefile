# `make help` lists what there is. Every target that needs Python builds .venv first; nothing else is assumed.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

VENV := .venv
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input
WORKERS ?= 2

# The environment is keyed on what it is made from, so a checkout that changes neither file rebuilds nothing.
KEY := $(shell { cat requirements-dev.txt; sed '/^\[tool.ruff\]/,$$d' pyproject.toml; } | cksum | tr ' ' '-')
READY := $(VENV)/.ready-$(KEY)

# What `make test-full` needs beside Python. Node and npm are added where the machine has none.
DEBIAN := golang-go golang-golang-x-mod-dev chromium postgresql redis-server nginx-core age gnupg curl
# What `make bench` compares with.
BENCH_DEBIAN := age gnupg nginx-core curl
# Licences that may stand beside Apache-2.0, and packages that were read by hand (pysqlite3: zlib, named in its source alone;
# psycopg: LGPL-3.0, which a library used unchanged may have).
LICENCES := MIT;BSD;Apache;ISC;PSF-2.0;Python Software Foundation;MPL-2.0;Mozilla Public License 2.0
LICENCE_READ := pysqlite3 psycopg psycopg-binary

SUDO := $(if $(filter 0,$(shell id -u)),,sudo)

# Adds to `need` those of the given Debian packages that are missing, and installs what `need` names.
LACKING = for p in $(1); do dpkg -s $$p >/dev/null 2>&1 || need="$$need $$p"; done
INSTALL = if [ -n "$$need" ]; then \
	  echo "installing$$need"; \
	  $(SUDO) apt-get update -qq; \
	  $(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$need >/dev/null; \
	fi

.PHONY: help
help: ## list every target
	@awk 'BEGIN {FS = ":.*## "} /^[a-z][a-z-]*:.*## / {printf "  make %-20s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: venv
venv: $(READY) ## build .venv from the pinned, hashed requirements
	@echo "$(VENV) is ready"

$(READY):
	@for p in python3.11 python3; do \
	  if $$p -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null; then python=$$p; break; fi; \
	done; \
	if [ -z "$${python:-}" ]; then echo "this project needs Python 3.11 (python3.11 or python3 on the PATH)" >&2; exit 1; fi; \
	if [ ! -x $(PY) ]; then \
	  echo "building $(VENV) (once, about a minute)"; \
	  $$python -m venv $(VENV) || { rm -rf $(VENV); echo "python's venv module is missing: on Debian, apt-get install python3-venv" >&2; exit 1; }; \
	else echo "bringing $(VENV) up to date"; fi
	@$(PIP) install -qq --root-user-action=ignore --require-hashes -r requirements-dev.txt
	@$(PIP) install -qq --root-user-action=ignore --no-deps --no-build-isolation -e .
	@rm -f $(VENV)/.ready-*
	@touch $@

.PHONY: demo
demo: $(READY) ## tell the whole story with a real server and the real commands
	@$(PY) -m demo

# The name under which a new instance's logs are known for ever; a real installation chooses its own host name.
NAME ?= localhost

.PHONY: run
run: $(READY) ## serve the embedded default on http://localhost:8443 (a new instance is prepared first: make run NAME=host)
	@folder="$${EXCHANGE_INSTANCE:-instance}"; \
	if [ ! -e "$$folder/custody.json" ]; then \
	  $(PY) -m flask --app wsgi prepare --name "$(NAME)" -o "$$folder.server.json"; \
	  echo "not founded yet: docs/runbooks/first-install.md says what comes next"; \
	fi
	@$(PY) -m flask --app wsgi serve

# A file's tests stay on one worker, in their order: transcripts tell one story.
.PHONY: test
test: $(READY) ## run the tests that need Python only, and name what that leaves out
	@$(PY) -m pytest -q -n $(WORKERS) --dist loadfile

.PHONY: test-full
test-full: $(READY) full-tools ## install Debian and npm packages, then run what `make test` leaves out, and what touches the database on PostgreSQL
	@failed=""; \
	EXCHANGE_FULL_TESTS=1 $(PY) -m pytest -q -n $(WORKERS) --dist loadfile -m full || failed="$$failed what-make-test-leaves-out"; \
	EXCHANGE_TEST_ENGINE=postgresql $(PY) -m pytest -q -n $(WORKERS) --dist loadfile || failed="$$failed on-PostgreSQL"; \
	if [ -n "$$failed" ]; then echo "failed:$$failed" >&2; exit 1; fi

.PHONY: test-postgresql
test-postgresql: $(READY) ## the second half of `make test-full`: what touches the database, on PostgreSQL (Debian: postgresql)
	@EXCHANGE_TEST_ENGINE=postgresql $(PY) -m pytest -q -n $(WORKERS) --dist loadfile

.PHONY: full-tools
full-tools: ## install what `make test-full` needs beside Python
	@need=""; $(call LACKING,$(DEBIAN)); \
	command -v node >/dev/null && command -v npm >/dev/null || need="$$need nodejs npm"; \
	$(INSTALL)
	@npm ci --silent --no-audit --no-fund

.PHONY: check
check: check-lint check-types check-imports check-house check-migrations check-texts check-policies check-licences ## everything below, in under a minute
	@echo "all checks hold"

.PHONY: check-lint
check-lint: $(READY) ## ruff
	@$(VENV)/bin/ruff check --quiet .
	@echo "lint: clean"

.PHONY: check-types
check-types: $(READY) ## mypy, strict in the rooms that carry promises
	@$(PY) -m mypy --no-error-summary exchange keys policies demo wsgi.py
	@echo "types: clean"

.PHONY: check-imports
check-imports: $(READY) ## who may import whom (.importlinter)
	@$(VENV)/bin/lint-imports --no-cache >$(VENV)/imports.log 2>&1 || { cat $(VENV)/imports.log; exit 1; }
	@echo "imports: every contract kept"

.PHONY: check-house
check-house: $(READY) ## house rules: clocks, asserts, sizes, names, hosts and paths, documentation
	@PYTHONPATH=tests/unit/house $(PY) -m house_rules

.PHONY: check-migrations
check-migrations: $(READY) ## the migrations make exactly the tables the models describe
	@$(PY) -m pytest -q -p no:cacheprovider --no-header tests/migrations/test_migrations.py

.PHONY: check-texts
check-texts: $(READY) ## every code and every sentence in English and in French
	@$(PY) -m exchange.texts check

.PHONY: check-policies
check-policies: $(READY) ## the case files hold, and docs/policies.md is what they generate
	@$(PY) -m policies check policies/cases | tail -1
	@$(PY) -m policies docs --check

.PHONY: check-licences
check-licences: $(READY) ## every dependency's licence may stand beside Apache-2.0
	@$(VENV)/bin/pip-licenses --from=mixed --partial-match --allow-only="$(LICENCES)" --ignore-packages $(LICENCE_READ) \
	  >$(VENV)/licences.log 2>&1 || { tail -1 $(VENV)/licences.log; exit 1; }
	@echo "licences: all may stand beside Apache-2.0"

# BENCH="--quick", BENCH="--only sealing" and the like are handed on; the full run wants some GiB of disk and half an hour.
BENCH ?= --write docs/benchmarks.md --json bench.json

# How many runs, and the number of the first (drawn and told where none is given).
RUNS ?= 1000
SEED ?=

.PHONY: faults
faults: $(READY) ## play RUNS seeded runs with faults, three of ten on PostgreSQL (SEED=n plays the same again; docs/reliability.md)
	@$(PY) -m tests.faults.seeded --runs $(RUNS) $(if $(SEED),--seed $(SEED)) --jobs $(WORKERS)

.PHONY: bench
bench: $(READY) ## install Debian packages, then measure on this machine beside age, gpg and nginx; docs/benchmarks.md gets the tables
	@need=""; $(call LACKING,$(BENCH_DEBIAN)); $(INSTALL)
	@$(PY) -m tests.bench $(BENCH)

# What the two below take: `.venv/bin/python -m tests.load --help`, `.venv/bin/python -m tests.load.races --help`.
LOAD ?= --json load.json
RACES ?= --json races.json

.PHONY: load
load: $(READY) ## 200 officers on two hosts with PostgreSQL for five minutes, without an error (docs/load.md)
	@$(PY) -m tests.load $(LOAD)

.PHONY: races
races: $(READY) ## thousands of withdrawals that race with releases, on both engines (docs/load.md)
	@$(PY) -m tests.load.races $(RACES)

.PHONY: docs
docs: $(READY) ## write the pages of docs/ that come from the code: errors, commands, policies
	@PYTHONPATH=tests/unit/house $(PY) -m house_rules.pages
	@$(PY) -m policies docs

.PHONY: requirements
requirements: $(READY) ## compile the pinned, hashed requirements anew from the .in files
	@$(PIP) install -qq --root-user-action=ignore uv
	@for name in requirements requirements-dev; do \
	  $(VENV)/bin/uv pip compile --quiet --generate-hashes --python-version 3.11 --no-emit-index-url \
	    --prerelease if-necessary-or-explicit $$name.in -o $$name.txt >/dev/null; \
	done

.PHONY: clean
clean: ## remove what tests, the demo and the tools leave (not ./instance)
	@rm -rf instance-demo instance-demo.log demo-officers load.json races.json build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis node_modules htmlcov .coverage
	@find . -name __pycache__ -type d -not -path './$(VENV)/*' -prune -exec rm -rf {} +

.PHONY: distclean
distclean: clean ## clean, and remove .venv too
	@rm -rf $(VENV)
