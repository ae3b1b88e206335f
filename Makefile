# Two commands do everything: 'make serve' and 'make test'. Both create .venv themselves.

PYTHON ?= python3
BIN := .venv/bin
NODE := tests/web/node

.PHONY: serve build test check bench soak clean

serve: .venv/ready
	@$(BIN)/kg serve $(ARGS)

build: .venv/ready
	@$(BIN)/kg build

test: .venv/ready-for-development $(NODE)/node_modules/.ready check
	@$(BIN)/pytest

check: .venv/ready-for-development
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check --quiet
	@$(BIN)/mypy

# Minutes. Each script can be run alone, and has a --help.
bench: .venv/ready-for-benchmarks
	@$(BIN)/kg build >/dev/null
	@$(BIN)/python bench/rule_table.py
	@$(BIN)/python bench/inference.py
	@$(BIN)/python bench/conformance.py
	@$(BIN)/python bench/endpoint.py

# Ten minutes of good and hostile load, on the loopback interface: make soak ARGS='--minutes 1'
soak: .venv/ready-for-development
	@$(BIN)/python bench/soak.py $(ARGS)

clean:
	rm -rf .venv build $(NODE)/node_modules

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

.venv/ready-for-benchmarks: .venv/ready-for-development
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[bench]'
	@touch $@

# The clients of JavaScript programs. Their tests are skipped where Node, or the way to its packages, is not there.
$(NODE)/node_modules/.ready: $(NODE)/package.json $(NODE)/package-lock.json
	@if command -v node >/dev/null && command -v npm >/dev/null; then \
	  echo 'Setting up the clients from npm (once) ...'; \
	  if (cd $(NODE) && npm ci --silent --no-audit --no-fund --ignore-scripts); then touch $@; \
	  else echo 'They cannot be installed; their tests are skipped.'; fi; fi
