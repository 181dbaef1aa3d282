# `make help` lists what there is to do.
# Everything runs in .venv, which `make install` creates from requirements-dev.lock.

VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
QUIETLY := --quiet --quiet --disable-pip-version-check
WORKERS ?= 2
PORT ?= 8000

# The first interpreter that runs (a shim without a version behind it does not), is 3.11 or 3.12,
# and can create environments. Override with `make PYTHON=/path/to/python3.12 install`.
SUITS := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))
PYTHON ?= $(shell for name in python3.12 python3.11 python3 python; do \
	if "$$name" -c "$(SUITS)" 2>/dev/null; then command -v "$$name"; break; fi; done)

.DEFAULT_GOAL := help
.PHONY: help install run test lint format bench translations screenshots lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(STAMP) ## create .venv with everything that running, testing and linting needs

run: install ## start the application with demo records on http://127.0.0.1:8000 (or PORT=8001)
	$(BIN)/tiesan init-db
	$(BIN)/tiesan demo --if-empty
	$(BIN)/tiesan serve --port $(PORT)

# Whoever has nothing left to do takes over what others have before them.
test: install ## run the tests (PostgreSQL: TIESAN_TEST_POSTGRES_URL; browser: Chromium)
	$(BIN)/pytest -n $(WORKERS) --dist worksteal

lint: install ## check style, types, imports and translations
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tiesan.translations.build --check

format: install ## format the code
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

bench: install ## measure the speed of evaluation, pages, commands, and of a morning
	$(BIN)/python -m tests.bench

translations: install ## build the catalogues from the texts in tiesan/translations/parts
	$(BIN)/python -m tiesan.translations.build

screenshots: install ## take the pictures of the documentation (needs Chromium)
	$(BIN)/python -m tests.docs.screenshots

lock: install ## write the lock files anew; keeps pinned versions that still fit
	$(BIN)/python -m venv build/lock
	build/lock/bin/pip install $(QUIETLY) uv
	$(COMPILE) pyproject.toml --output-file requirements.lock
	$(COMPILE) pyproject.toml --extra server --constraints requirements.lock \
		--output-file requirements-server.lock
	$(COMPILE) pyproject.toml --extra dev --extra bench --constraints requirements-server.lock \
		--output-file requirements-dev.lock

COMPILE := build/lock/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command "make lock"

clean: ## remove .venv, builds and caches; records in instance/ stay
	rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find tiesan plugins tests migrations -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): requirements-dev.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or 3.12 with its venv module is needed" \
		"(durable-rules does not import on 3.13); none was found." >&2; exit 1; }
	test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	@$(BIN)/python -c "import durable_rules_engine" 2>/dev/null || { command -v cc >/dev/null && \
		test -f "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h"; } || \
		{ echo "A C compiler and the headers of Python are needed to build durable-rules" \
		"(Debian: apt-get install gcc python3-dev)." >&2; exit 1; }
	$(BIN)/pip install $(QUIETLY) --require-hashes -r requirements-dev.lock
	$(BIN)/pip install $(QUIETLY) --no-deps --no-build-isolation -e .
	@touch $(STAMP)
