# `make refresh` and `make test` need only Python 3.11-3.13 and make.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: refresh test test-all fuzz lint bench lock clean help

help:
	@echo "make refresh   install, then read and tag the sample corpus: ends with data/exports/review.csv"
	@echo "make test      install what tests need, and run them (minutes)"
	@echo "make test-all  the slow tests: LibreOffice, Tesseract, a browser, kills, fuzzing, a Prefect server"
	@echo "make fuzz      the property tests with other examples each time, twenty times as many"
	@echo "make lint      ruff and mypy"
	@echo "make bench     the numbers in the README"
	@echo "make lock      compile the requirements locks anew"

refresh: $(VENV)/.installed
	$(BIN)/ascn-nlp refresh --offline

test: $(VENV)/.installed-dev
	$(BIN)/python -m pytest -m "not slow" -n auto

test-all: $(VENV)/.installed-dev $(VENV)/.installed-train
	$(BIN)/python -m pytest -m slow

fuzz: $(VENV)/.installed-dev
	$(BIN)/python -m pytest --fuzz 20 -n auto --timeout 3600

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

bench: $(VENV)/.installed-dev
	$(BIN)/python -m benchmarks

$(BIN)/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if (3, 11) <= v < (3, 14) else \
	  f"ascn-nlp needs Python 3.11, 3.12 or 3.13, this is {v[0]}.{v[1]}: make PYTHON=/path/to/python3.12 ...")'
	$(PYTHON) -m venv $(VENV)

# The locks name everything: --no-deps keeps pip from asking for more than they pin.
$(VENV)/.installed: requirements.lock pyproject.toml | $(BIN)/python
	@echo "installing (a few minutes, once) ..."
	$(PIP) install --no-deps --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "installing what tests need ..."
	$(PIP) install --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

# What fine-tuning the encoder needs beside the rest. This version of torch is one for processors; others bring gigabytes.
$(VENV)/.installed-train: $(VENV)/.installed-dev
	@echo "installing torch ..."
	$(PIP) install "torch==2.13.0" "transformers>=4.48,<6" "safetensors>=0.5"
	@touch $@

# Universal: one lock for every platform and Python; hashes instead of addresses, so that any index can serve it.
COMPILE := $(BIN)/uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-annotate --no-header --quiet --upgrade

lock: $(VENV)/.installed-dev
	$(COMPILE) pyproject.toml --group build -o requirements.lock
	$(COMPILE) pyproject.toml --group build --group dev -c requirements.lock -o requirements-dev.lock

clean:
	rm -rf $(VENV) data dist
