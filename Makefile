# One command for everything: `make help` lists them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.DEFAULT_GOAL := help
.PHONY: help demo test check format lint types imports contracts bench clean

help:  ## List the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Homewright needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[test,postgres]'
	@touch $@

test: $(STAMP)  ## Install and run all tests
	$(BIN)/pytest

lint: $(STAMP)  ## Find mistakes and unformatted files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

format: $(STAMP)  ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

types: $(STAMP)  ## Check the types
	$(BIN)/mypy

imports: $(STAMP)  ## Check that every import goes where the architecture allows
	$(BIN)/lint-imports --config importlinter.ini

clean:  ## Remove what was installed and made
	rm -rf $(VENV) demo .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
