# The two commands of the README are `make run` and `make test`. Everything they need is installed into .venv.
PYTHON ?= python3
BIN := .venv/bin
PINS := constraints.txt pyproject.toml

.PHONY: run test test-all check screenshots clean

run: .venv/.run ## open the lab: make run ARGS="compare --help"
	@$(BIN)/lookboth $(ARGS)

test: .venv/.dev ## the quick suite
	@$(BIN)/pytest -n 2 $(ARGS)

test-all: .venv/.dev ## everything, also what takes long
	@$(BIN)/pytest -n 2 -m "not gpu" --timeout 900 $(ARGS)

check: .venv/.dev ## format, lint, types, who may import whom
	@$(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy && $(BIN)/lint-imports

screenshots: .venv/.dev ## draw the four panes into docs/screenshots
	@$(BIN)/python -m docs.draw

clean: ## remove the environment and all caches
	@rm -rf .venv .pytest_cache .ruff_cache .mypy_cache .import_linter_cache .hypothesis build dist

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Lookboth needs Python 3.11 or newer; $(PYTHON) is older. Try: make run PYTHON=python3.12"; exit 1; }
	@echo "Making an environment in .venv (once) ..."
	@$(PYTHON) -m venv .venv

.venv/.run: .venv/bin/python $(PINS)
	@echo "Installing Lookboth and what it needs, torch among it: some minutes the first time ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

.venv/.dev: .venv/bin/python $(PINS)
	@echo "Installing Lookboth, what it needs and the tools of the tests: some minutes the first time ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch .venv/.run $@
