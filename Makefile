# Trợ lý Công dân. `make help` lists everything; `make run` and `make test` need nothing before them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

# The first Python of 3.11 or newer that really runs (a shim may stand there without one).
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN := .venv/bin
READY := .venv/.ready
NLU_READY := nlu_data/.venv/.ready
TROLY_SHARED ?= ../shared
PYTEST ?=

export TROLY_PORT ?= 8080
export TROLY_NLU_PORT ?= 5005
export TROLY_RASA_URL ?= http://127.0.0.1:$(TROLY_NLU_PORT)
export TROLY_SHARED
# Another environment that is active must not be mistaken for ours.
unexport VIRTUAL_ENV

.PHONY: help setup train run demo test test-delivery check lint types schemas imports format eval bench docs clean

help: ## List what can be made
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(READY) $(NLU_READY) ## Install both environments (the bot's by pip, Rasa's by uv)

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed: install it, or name it: make PYTHON=/path/to/python3"; exit 1; }
	@echo "==> the bot's environment, .venv ($$($(PYTHON) --version)): some minutes the first time"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv \
		|| { echo "venv is missing: on Debian and Ubuntu, apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off -c constraints.txt -e '.[dev]' \
		| { grep -E '^ *(Collecting|Downloading|Installing collected|Successfully installed)' || true; }
	@touch $@

$(NLU_READY): nlu_data/pyproject.toml nlu_data/uv.lock $(READY)
	@echo "==> Rasa's environment, nlu_data/.venv: 2.5 GB, some minutes the first time"
	@cd nlu_data && ../$(BIN)/uv sync --frozen
	@touch $@

train: setup ## Train the NLU model, unless the cache has it for the present data
	@echo "==> the NLU model"
	@$(BIN)/troly nlu train

run: train ## Serve the chat page and the API on http://127.0.0.1:8080, with Rasa beside it
	@mkdir -p var
	@echo "==> http://127.0.0.1:$(TROLY_PORT)  (health: /health; Rasa needs about a minute; Ctrl-C stops both)"
	@# exec: a signal to make reaches the supervisor itself. cat: supervisor cannot write to a socket or a file twice.
	@exec $(BIN)/supervisord -n -c deploy/supervisord.conf > >(trap '' INT TERM; exec cat) 2>&1

demo: $(READY) ## The bot with three fake phones in the browser on http://127.0.0.1:8090, without any account
	@exec $(BIN)/python -m tests.fakes.demo

test: train ## Run all tests (some only: make test PYTEST='tests/bot -k fee')
	@echo "==> tests"
	@# Two files at a time; PYTEST='-n 0 …' for one after the other.
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(PYTEST)

test-delivery: $(READY) ## The storms: messages with faults and kills on both databases; hostile calls (8 minutes)
	@echo "==> delivery"
	@$(BIN)/python -m pytest -m 'delivery or not slow' tests/delivery

check: setup lint types imports schemas test ## Everything that CI holds: lint, types, imports, data, tests

lint: $(READY) ## Lint and formatting
	@echo "==> lint"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(READY) ## mypy --strict
	@echo "==> types"
	@$(BIN)/mypy

imports: $(READY) ## Who may import whom
	@echo "==> imports"
	@$(BIN)/lint-imports

schemas: $(READY) ## The data: every record, guide, name against its schema
	@echo "==> data"
	@$(BIN)/troly kb check

format: $(READY) ## Repair formatting and what lint can repair
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

eval: train ## Measure on the questions of TROLY_SHARED/benchmark, write evaluation/reports/
	@$(BIN)/troly eval --questions $(TROLY_SHARED)/benchmark/questions.jsonl \
		--dialogues $(TROLY_SHARED)/benchmark/dialogues.jsonl --report evaluation/reports

bench: train ## Measure speed and memory against the budgets
	@$(BIN)/troly bench

docs: $(READY) ## Write docs/settings.md from the settings, docs/guides (with diagrams) from the guides
	@mkdir -p docs
	@$(BIN)/troly settings --markdown > docs/settings.md
	@$(BIN)/troly guide diagram --out docs/guides

clean: ## Remove both environments and what tools left (not var/, not the cache)
	@rm -rf .venv nlu_data/.venv nlu_data/.rasa .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache .coverage *.egg-info
