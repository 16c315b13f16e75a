# `make demo` and `make test` from a bare clone need Python 3.11 or newer and package registries.
SHELL := /bin/bash
.DEFAULT_GOAL := help
VENV ?= .venv
PYTHON ?= python3
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: help setup demo test check fmt bench clean up down

help: ## print this help
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: $(STAMP) ## make the virtual environment with the tested set of packages

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "error: $$($(PYTHON) --version) found, Python 3.11 or newer is needed; try make PYTHON=python3.12"; exit 1; }
	@test -x $(BIN)/python || { echo "making $(VENV)"; $(PYTHON) -m venv $(VENV); }
	@echo "installing packages into $(VENV) (torch is large; one to four minutes)"
	@$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[all]" --group dev
	@touch $(STAMP)

demo: $(STAMP) ## play the bundled sample room through every real part
	@$(BIN)/liveshelf demo

test: $(STAMP) ## run all tests, with real Kafka, Whisper, language model and Milvus Lite
	@$(BIN)/liveshelf models pull
	@$(BIN)/python -m pytest

check: $(STAMP) ## lint, types, import contracts
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

fmt: $(STAMP) ## format the code
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

bench: $(STAMP) ## measure what README states
	@$(BIN)/liveshelf bench

up: ## start the services of compose/compose.yaml (needs Docker)
	docker compose --file compose/compose.yaml up --build --detach

down: ## stop them
	docker compose --file compose/compose.yaml down

clean: ## remove the virtual environment and what builds and tests leave
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
