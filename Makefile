# Two commands do everything: 'make serve' and 'make test'. Both create .venv themselves.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: serve build test check bench clean

serve: .venv/ready
	@$(BIN)/kg serve $(ARGS)

build: .venv/ready
	@$(BIN)/kg build

test: .venv/ready-for-development check
	@$(BIN)/pytest

check: .venv/ready-for-development
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy

bench: .venv/ready-for-development
	@$(BIN)/python -m pip install --quiet --editable '.[bench]'
	@$(BIN)/python bench/inference.py $(ARGS)

clean:
	rm -rf .venv build

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'Python 3.11 or newer is needed. Name one: make serve PYTHON=python3.12'; exit 1; }
	@echo 'Setting up .venv (once) ...'
	@$(PYTHON) -m venv .venv

.venv/ready: pyproject.toml | .venv/bin/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

.venv/ready-for-development: pyproject.toml | .venv/bin/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ .venv/ready
