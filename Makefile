# Every target works from a fresh clone; `make` alone lists them.
VENV := .venv
BIN := $(VENV)/bin
# The JavaScript of the report, and how it is formatted, linted and typed.
PAGE := --config warehouse/published/report/deno.json warehouse/published/report/*.js
export DENO_NO_UPDATE_CHECK := 1
PYTHON ?= python3
export CANTHO_HOME ?= $(CURDIR)/warehouse/home

.DEFAULT_GOAL := help
.PHONY: help install install-spark run ui desk docs test test-spark check fix lock bench

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

$(VENV)/installed: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing the locked dependencies (a minute or two) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

install: $(VENV)/installed  ## install the locked dependencies into .venv

$(VENV)/installed-spark: requirements-spark.lock $(VENV)/installed
	@echo "Installing what Spark needs (half a gigabyte) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-spark.lock
	@touch $@

install-spark: $(VENV)/installed-spark  ## install the second engine, too (needs Java 17; docs/scaling.md)

run: install  ## take what waits in landing (at first: three simulated months) to published figures
	@$(BIN)/python -m orchestration.command.first_run
	@$(BIN)/cantho run

ui: install  ## Dagster's web UI at http://127.0.0.1:3000, with daemon, sensors and schedules
	@$(BIN)/python -m orchestration.ui

desk: install  ## the page on which a sender checks a file, at http://127.0.0.1:3001
	@$(BIN)/cantho desk

docs: install  ## all models, columns and their lineage as one page, of what was built last
	@$(BIN)/python -m orchestration.command.documentation

test: install  ## run the tests
	@$(BIN)/python -m pytest --ignore tests/engines

test-spark: install-spark  ## run the tests that compare both engines (needs Java)
	@$(BIN)/python -m pytest tests/engines

check: install  ## lint, types, rooms, SQL and JavaScript, without changing a file
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/ruff check --quiet
	@$(BIN)/ty check --quiet
	@rooms=$$($(BIN)/lint-imports --no-logo --no-cache) || { echo "$$rooms"; exit 1; }
	@$(BIN)/deno fmt --check --quiet $(PAGE)
	@$(BIN)/deno lint --quiet $(PAGE)
	@$(BIN)/deno check --quiet $(PAGE)
	@$(BIN)/sqlfluff lint --disable-progress-bar --config dbt_project/.sqlfluff dbt_project/models dbt_project/tests

# A long line is no reason to stop before it is broken: formatted before the linter, and after it what it mended.
fix: install  ## mend what a machine can mend
	@$(BIN)/python -m warehouse.build.raw_sources
	@$(BIN)/ruff format --quiet
	@$(BIN)/ruff check --fix --exit-zero --quiet
	@$(BIN)/ruff format --quiet
	@$(BIN)/deno fmt --quiet $(PAGE)
	@$(BIN)/sqlfluff fix --disable-progress-bar --config dbt_project/.sqlfluff dbt_project/models dbt_project/tests

# The lock of Spark is the other one and four packages more: what both have stands in both at the same version.
PIN := uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-strip-extras --custom-compile-command "make lock" --quiet --output-file
lock:  ## pin the dependencies again (needs uv)
	$(PIN) requirements.lock
	$(PIN) requirements-spark.lock --extra spark --constraints requirements.lock

bench: install  ## ratios against the bare engine, medians of several runs
	@$(BIN)/python -m tests.bench
