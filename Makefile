# Everything works from a bare clone with Python >= 3.11: each target makes its own .venv first.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
CASE   := data/millennium-vgr-2024
READY  := $(VENV)/.ready

.DEFAULT_GOAL := help
.PHONY: help demo test check bench pictures case lab clean

help: ## this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(READY): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "rca needs Python 3.11 or newer; this is $$($(PYTHON) --version). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: $(READY) ## the main job on the shipped case: timeline, causal graph, assurances, report
	@$(BIN)/rca demo

test: $(READY) ## all tests; those that need a browser or outside data say so when they skip
	$(BIN)/python -m pytest --numprocesses auto --quiet

check: $(READY) ## lint, format, strict types, layering
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

bench: $(READY) ## benchmarks
	$(BIN)/python -m tests.bench $(ARGS)

pictures: $(READY) ## the pictures of the README, from the shipped case (needs a browser)
	$(BIN)/python -m tests.pictures

lab: $(READY) ## JupyterLab with the shipped case
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[notebook]'
	RCA_CASE=$(CASE) $(BIN)/jupyter lab notebooks

clean: ## remove what was built; the case and its analysis stay
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis $(CASE)/store $(CASE)/report
