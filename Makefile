# The verbs of the project. Each needs nothing but make and Python 3.11 or newer:
# the environment is made in .venv by the first verb that needs it.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help run demo test test-servers test-domain golden check bench bench-quick growth picture \
	fuzz hammer compiled compiled-check setup lock clean

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

# COMPILED=1 beside run, demo, golden, test-domain or bench: with the fold compiled, not as Python.
# The path of Python then begins with what was built, also in processes that these start.
COMPILED_VERBS := run demo golden test-domain bench bench-quick
COMPILED_LIB := .compiled
COMPILED_STAMP := $(COMPILED_LIB)/built
COMPILED_FROM = setup.py $(shell find ledger projections workers app -type f -not -name '*.pyc')
ifdef COMPILED
COMPILED_FOLD := $(COMPILED_STAMP)
$(COMPILED_VERBS): export PYTHONPATH := $(CURDIR)/$(COMPILED_LIB):$(CURDIR)
$(COMPILED_VERBS): export PYTHONSAFEPATH := 1
endif

help: ## list the verbs
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile

run demo: export DUEBOOK_HOME ?= .duebook

run: $(STAMP) $(COMPILED_FOLD) ## a ledger with a sample portfolio and its story, then serve until Ctrl-C
	@$(BIN)/duebook up --story

demo: $(STAMP) $(COMPILED_FOLD) ## the same story, and end
	@$(BIN)/duebook up --story --end

test: $(STAMP) ## every test, on a real PostgreSQL and a real Redis
	@$(BIN)/python -m pytest $(AT_ONCE)

test-servers: export DUEBOOK_TEST_DATABASE_URL ?= postgresql://postgres@127.0.0.1:5432/postgres
test-servers: export DUEBOOK_TEST_SERVERS ?= PostgreSQL and Redis
test-servers: export DUEBOOK_CI_SERVERS ?= required
test-servers: $(STAMP) ## the tests that need servers, on the PostgreSQL, Redis and RabbitMQ of the machine
	@$(BIN)/python -m pytest tests/postgres tests/persistence tests/views tests/system tests/api

test-domain: $(STAMP) $(COMPILED_FOLD) ## only the rules of the loan: no engine, a few seconds
	@$(BIN)/python -m pytest $(if $(COMPILED),--override-ini pythonpath=) tests/domain

golden: $(STAMP) $(COMPILED_FOLD) ## figures that others published against ours, a table by family
	@$(BIN)/duebook simulate tests/golden --check

check: $(STAMP) ## format, lint, types and house rules
	@$(BIN)/ruff format --check
	@$(BIN)/ruff check
	@$(BIN)/mypy
	@$(BIN)/python -m pytest --quiet tests/test_tidy.py

bench: $(STAMP) $(COMPILED_FOLD) ## append, rebuild, roll and replay against their yardsticks
	@$(BIN)/python -m tests.benchmarks

bench-quick: $(STAMP) $(COMPILED_FOLD) ## the same on a tenth of the data, in two minutes
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

compiled: $(COMPILED_STAMP) ## the fold as machine code, in .compiled; COMPILED=1 runs with it

$(COMPILED_STAMP): $(STAMP) $(COMPILED_FROM)
	@rm -rf $(COMPILED_LIB)
	@echo "compiled: from Python to C to $(COMPILED_LIB) (two minutes)"
	@PYTHONPATH= PYTHONSAFEPATH= DUEBOOK_COMPILED=2 $(BIN)/python setup.py --quiet build --build-lib $(COMPILED_LIB)
	@touch $@

compiled-check: ## the rules of the loan and the golden cases, with the fold compiled
	@$(MAKE) --no-print-directory COMPILED=1 golden test-domain

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
	@rm -rf .compiled build dist *.egg-info
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +
