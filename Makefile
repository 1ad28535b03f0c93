# One command for everything: `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt
HOUSE := $(VENV)/.installed
TOOLS := $(VENV)/.tools-installed

.DEFAULT_GOAL := help
.PHONY: help demo test check format lint types imports contracts contracts-check bench docs docs-check clean

help:  ## List the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 18

$(HOUSE): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Homewright needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable '.[postgres]'
	@touch $@

$(TOOLS): $(HOUSE)
	$(PIP) --editable '.[test,postgres]'
	@touch $@

demo: $(HOUSE)  ## Install, simulate a home, learn its habits, print suggestions with their scores
	$(BIN)/homewright demo

test: $(TOOLS)  ## Install and run all tests
	$(BIN)/pytest

check: lint types imports contracts-check test  ## All that must hold before a commit

format: $(TOOLS)  ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(TOOLS)  ## Find mistakes and unformatted files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(TOOLS)  ## Check the types
	$(BIN)/mypy

imports: $(TOOLS)  ## Check that every import goes where the architecture allows
	$(BIN)/lint-imports --config importlinter.ini

contracts: $(TOOLS)  ## Write the generated contracts anew
	$(BIN)/homewright contracts --write
	$(BIN)/python tests/architecture/third_party.py > contracts/imports.txt

contracts-check: $(TOOLS)  ## Compare the generated contracts with the committed ones
	$(BIN)/homewright contracts
	$(BIN)/python tests/architecture/third_party.py | diff contracts/imports.txt -

docs: $(TOOLS)  ## Write the generated pages anew
	$(BIN)/python -m kernel.runtime.settings > docs/settings.md
	$(BIN)/python tests/architecture/decisions.py > docs/decisions/README.md

docs-check: $(TOOLS)  ## Check that links in the documents lead somewhere
	$(BIN)/pytest -q tests/architecture/test_documents.py

bench: $(TOOLS)  ## Measure: calls, switch, requests, memory, start
	@status=0; for file in tests/bench/bench_*.py; do echo "== $$file"; $(BIN)/python $$file || status=1; done; exit $$status

clean:  ## Remove what was installed and made
	rm -rf $(VENV) demo dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
