# Every target works from a fresh clone; `make` alone lists them.
VENV := .venv
BIN := $(VENV)/bin
# The JavaScript of the report, and how it is formatted, linted and typed.
PAGE := --config warehouse/published/report/deno.json warehouse/published/report/*.js
export DENO_NO_UPDATE_CHECK := 1
SHELL := bash
.SHELLFLAGS := -o pipefail -c
PYTHON ?= python3
export CANTHO_HOME ?= $(CURDIR)/warehouse/home

.DEFAULT_GOAL := help
.PHONY: help install install-dev install-spark run ui desk docs test test-spark check fix lock bench

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 15

# pip fetches all packages before it installs one, which takes a minute or two: it says how far it is.
define install_locked
@echo "Installing the $$(grep -c == $(1)) packages of $(1), but for those that are there ..."
@$(BIN)/python -u -m pip install --disable-pip-version-check --progress-bar off --require-hashes --requirement $(1) \
	| { count=0; while read -r word _; do case $$word in \
		Collecting | Processing) count=$$((count + 1)); [ $$((count % 20)) -ne 0 ] || echo "  $$count fetched" ;; \
		Installing) echo "  all fetched, putting them into $(VENV)" ;; esac; done; }
endef

$(VENV)/installed: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(call install_locked,requirements.lock)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

install: $(VENV)/installed  ## install what running needs into .venv, as locked

$(VENV)/installed-dev: requirements-dev.lock $(VENV)/installed
	$(call install_locked,requirements-dev.lock)
	@touch $@

install-dev: $(VENV)/installed-dev  ## install what tests and checks need, too

$(VENV)/installed-spark: requirements-spark.lock $(VENV)/installed
	$(call install_locked,requirements-spark.lock)
	@touch $@

install-spark: $(VENV)/installed-spark  ## install the second engine, too: half a gigabyte (needs Java 17; docs/scaling.md)

run: install  ## take what waits in landing (at first: three simulated months) to published figures
	@$(BIN)/python -m orchestration.command.first_run
	@$(BIN)/cantho run

ui: install  ## Dagster's web UI at http://127.0.0.1:3000, with daemon, sensors and schedules
	@$(BIN)/python -m orchestration.ui

desk: install  ## the page on which a sender checks a file, at http://127.0.0.1:3001
	@$(BIN)/cantho desk

docs: install  ## all models, columns and their lineage as one page, of what was built last
	@$(BIN)/python -m orchestration.command.documentation

test: install-dev  ## run the tests, two files at a time
	@$(BIN)/python -m pytest --ignore tests/engines --numprocesses 2 --dist loadfile --no-loadscope-reorder

test-spark: install-dev install-spark  ## run the tests that compare both engines (needs Java)
	@$(BIN)/python -m pytest tests/engines

check: install-dev  ## lint, types, rooms, SQL and JavaScript, without changing a file
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/ruff check --quiet
	@$(BIN)/ty check --quiet
	@rooms=$$($(BIN)/lint-imports --no-logo --no-cache) || { echo "$$rooms"; exit 1; }
	@$(BIN)/deno fmt --check --quiet $(PAGE)
	@$(BIN)/deno lint --quiet $(PAGE)
	@$(BIN)/deno check --quiet $(PAGE)
	@$(BIN)/sqlfluff lint --disable-progress-bar --config dbt_project/.sqlfluff dbt_project/models dbt_project/tests

# A long line is no reason to stop before it is broken: formatted before the linter, and after it what it mended.
# What no machine can mend is for `check`, which says where it is.
fix: install-dev  ## mend what a machine can mend
	@$(BIN)/python -m warehouse.build.raw_sources
	@$(BIN)/ruff format --quiet
	@$(BIN)/ruff check --fix --exit-zero --quiet
	@$(BIN)/ruff format --quiet
	@$(BIN)/deno fmt --quiet $(PAGE)
	@$(BIN)/sqlfluff fix --disable-progress-bar --config dbt_project/.sqlfluff dbt_project/models dbt_project/tests || true

# A package that stands in several locks stands in each at the same version.
PIN := uv pip compile pyproject.toml --group build --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-strip-extras --custom-compile-command "make lock" --quiet --output-file
lock:  ## pin the dependencies again (needs uv)
	$(PIN) requirements.lock
	$(PIN) requirements-dev.lock --group dev --constraints requirements.lock
	$(PIN) requirements-spark.lock --extra spark --constraints requirements-dev.lock

bench: install-dev  ## ratios against the bare engine, medians of several runs
	@$(BIN)/python -m tests.bench
