# Everything a newcomer needs: `make demo`, `make test`. Needs python3 >= 3.11 (choose another with PYTHON=…).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test lint bench dev clean
.DEFAULT_GOAL := help

help:  ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/'

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Bongsu needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	@$(PYTHON) -c 'import ensurepip' || { echo 'This Python cannot make virtual environments: apt install python3-venv'; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1'

$(VENV)/.demo: pyproject.toml $(BIN)/python
	$(BIN)/pip install --quiet --editable '.[demo]'
	@touch $@

$(VENV)/.dev: pyproject.toml $(BIN)/python
	$(BIN)/pip install --quiet --editable '.[demo]' --group dev
	@touch $@ $(VENV)/.demo

# A real Sentry-compatible server for the integration tests. It pins packages that ours pin otherwise, so it lives apart;
# the tests look for it here, or where BONGSU_TEST_BUGSINK says.
$(VENV)/bugsink/.installed: Makefile $(BIN)/python
	$(BIN)/python -m venv $(VENV)/bugsink
	$(VENV)/bugsink/bin/pip install --quiet bugsink==2.6.1
	@touch $@

# A real pm2 for the tests of `bongsu watch pm2`; they look for it here, or where BONGSU_TEST_PM2 says.
$(VENV)/pm2/.installed: Makefile $(BIN)/python
	@npm --version >/dev/null || { echo 'The tests of pm2 need node and npm: apt install npm'; exit 1; }
	npm install --silent --no-audit --no-fund --prefix $(VENV)/pm2 pm2@7.0.4
	@touch $@

# Another's drawing of Slack's blocks, beside which tests/integrations/test_slack_fidelity.py puts ours.
$(VENV)/slack_blocks/.installed: Makefile $(BIN)/python
	@npm --version >/dev/null || { echo 'The tests of the preview need node and npm: apt install npm'; exit 1; }
	npm install --silent --no-audit --no-fund --prefix $(VENV)/slack_blocks slack-blocks-to-jsx@1.1.1 react@19.3.1 react-dom@19.3.1
	@touch $@

# Slack's own types and a compiler, the second opinion on payloads; the tests look for them here, or where
# BONGSU_TEST_SLACK_TYPES says.
$(VENV)/slack_types/.installed: Makefile $(BIN)/python
	@npm --version >/dev/null || { echo 'The tests of payloads need node and npm: apt install npm'; exit 1; }
	npm install --silent --no-audit --no-fund --prefix $(VENV)/slack_types @slack/types@3.2.0 typescript@7.0.2
	@touch $@

dev: $(VENV)/.dev $(VENV)/bugsink/.installed $(VENV)/pm2/.installed $(VENV)/slack_types/.installed $(VENV)/slack_blocks/.installed  ## a virtual environment with everything to work on Bongsu

demo: $(VENV)/.demo  ## a check-in service breaks, and Slack hears of it
	@$(BIN)/bongsu demo $(ARGS)

test: dev  ## the whole test suite
	$(BIN)/pytest $(ARGS)

lint: $(VENV)/.dev  ## style, types, the house
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.dev  ## every figure, beside a peer, in one run
	$(BIN)/python -m bench $(ARGS)

clean:  ## remove what was made
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache build dist
