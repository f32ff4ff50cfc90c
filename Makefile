# Every target works as the first command on a bare machine with Python 3.11 or newer.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export HF_HUB_OFFLINE ?= 1

.PHONY: help setup demo serve test check bench clean

help:  ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Firstline needs Python 3.11 or newer")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	touch $@

$(VENV)/.tested: $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[test,train]"
	touch $@

setup: $(VENV)/.installed  ## install into .venv

demo: setup  ## train if needed, then show the desk at work
	$(BIN)/firstline demo

serve: setup  ## train if needed, then serve on port 8080
	test -f var/bundles/CHAMPION || $(BIN)/firstline train all
	$(BIN)/firstline serve

test: $(VENV)/.tested  ## run the tests
	$(BIN)/python -m pytest -q

check: $(VENV)/.tested  ## lint, types and the import contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.tested  ## measure: search, storage, prediction, the service
	$(BIN)/python -m tests.benchmarks

clean:  ## remove everything that was installed or written
	rm -rf $(VENV) var build *.egg-info
