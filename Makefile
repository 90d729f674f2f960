# The verbs of the project. Each needs nothing but make and Python 3.11 or newer:
# the environment is made in .venv by the first verb that needs it.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run demo test test-servers test-domain golden check bench bench-quick growth picture fuzz hammer setup lock clean

# Tests wait for processes most of their time: three files at once take little more than one. A
# file stays whole, for its tests share what they set up.
AT_ONCE := --numprocesses 3 --dist loadfile --no-loadscope-reorder

BIN := .venv/bin
STAMP := .venv/installed
PIP := -m pip --disable-pip-version-check --quiet --quiet
UV := uv==0.13.9

# A version manager may put a python3.11 on the path that does not run, so each is tried.
PYTHON = $(shell for name in python3.11 python3; do \
	if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	then echo $$name; break; fi; done)

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

run demo: export DUEBOOK_HOME ?= .duebook

run: $(STAMP) ## a ledger with a sample portfolio and its story, then serve until Ctrl-C
	@$(BIN)/duebook up --story

demo: $(STAMP) ## the same story, and end
	@$(BIN)/duebook up --story --end

test: $(STAMP) ## every test, on a real PostgreSQL and a real Redis
	@$(BIN)/python -m pytest $(AT_ONCE)

test-servers: export DUEBOOK_TEST_DATABASE_URL ?= postgresql://postgres@127.0.0.1:5432/postgres
test-servers: export DUEBOOK_TEST_SERVERS ?= PostgreSQL and Redis
test-servers: export DUEBOOK_CI_SERVERS ?= required
test-servers: $(STAMP) ## the tests that need servers, on the PostgreSQL, Redis and RabbitMQ of the machine
	@$(BIN)/python -m pytest tests/postgres tests/persistence tests/views tests/system tests/api

test-domain: $(STAMP) ## only the rules of the loan: no engine, a few seconds
	@$(BIN)/python -m pytest tests/domain

golden: $(STAMP) ## figures that others published against ours, a table by family
	@$(BIN)/duebook simulate tests/golden --check

check: $(STAMP) ## format, lint, types and house rules
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/python -m pytest --quiet tests/test_tidy.py

bench: $(STAMP) ## append, rebuild, roll and replay against their yardsticks
	@$(BIN)/python -m tests.benchmarks

bench-quick: $(STAMP) ## the same on a tenth of the data, in two minutes
	@$(BIN)/python -m tests.benchmarks --quick

growth: $(STAMP) ## what each job costs up to ten million events; goes on where it was stopped
	@$(BIN)/python -m tests.benchmarks.growth --home .duebook-growth --json growth.json

picture: $(STAMP) ## draw docs/performance.svg: FIGURES=figures.json of bench, GROWTH=growth.json
	@$(BIN)/python -m tests.benchmarks.picture $(FIGURES) docs/performance.svg \
		$(if $(GROWTH),--growth $(GROWTH))

fuzz: $(STAMP) ## twenty minutes of requests to the API that nobody would write, for every role
	@$(BIN)/python -m tests.api.fuzz

hammer: $(STAMP) ## 32 clients with cuts for a minute; a batch of a million lines, killed and sent again
	@$(BIN)/python -m tests.api.hammer
	@$(BIN)/python -m tests.api.long_batch

setup: $(STAMP) ## make .venv with exactly what requirements.lock pins

$(STAMP): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { \
		echo "duebook needs Python 3.11 or newer. Neither python3.11 nor python3 on the path is." >&2; \
		echo "Install one, or name it: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "setup: making .venv"
	@$(PYTHON) -m venv .venv
	@echo "setup: installing the pinned packages (half a minute the first time)"
	@$(BIN)/python $(PIP) install --require-hashes --only-binary :all: -r requirements.lock
	@echo "setup: installing duebook, editable"
	@$(BIN)/python $(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

lock: ## pin what pyproject.toml asks for again; UPGRADE=--upgrade takes newer versions
	@$(PYTHON) -m venv .venv-lock
	@.venv-lock/bin/python $(PIP) install $(UV)
	@.venv-lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
		--no-annotate --custom-compile-command "make lock" $(UPGRADE) \
		--group dev pyproject.toml --output-file requirements.lock

clean: ## remove the environment, caches and the data folder of `make run`
	@rm -rf .venv .venv-lock .duebook .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@rm -rf build dist *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
