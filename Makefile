# Everything runs in .venv, which these targets make and keep up to date by themselves.
# Needed beforehand: Python 3.11 or newer, make, git. To choose the Python: make PYTHON=python3.13 test

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test lint mutants soak bench dist lock clean

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
LOCKED := --require-hashes --only-binary :all:

# Stamps: made once the step they name has succeeded.
MADE := $(VENV)/.made
RUN := $(VENV)/.run
DEV := $(VENV)/.dev
BENCH := $(VENV)/.bench

help:  ## say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "make %-8s %s\n", $$1, $$2}' Makefile

demo: $(RUN)  ## two parties plan a day in one theatre: where do their plans meet?
	@mkdir -p build/demo
	$(BIN)/tansiq sim plans --seed 7 --count 40 > build/demo/plans.json
	@# tansiq answers 1 when there are conflicts: that is what the demo is about
	$(BIN)/tansiq check build/demo/plans.json \
	    --minima-horizontal 3NM --minima-vertical 1000ft --between-parties-only \
	    --suggest --report build/demo/conflicts.html || test $$? -eq 1
	@echo "The same as a page to read and to print: build/demo/conflicts.html"

test: $(DEV)  ## run every test, the examples in the docs among them
	$(BIN)/pytest -n auto --dist loadfile

lint: $(DEV)  ## check style, types and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

mutants: $(DEV)  ## plant faults on purpose: each must make a test fail
	$(BIN)/python -m tests.mutants

MINUTES := 10
soak: $(DEV)  ## fuzz the readers and hold the engines against each other; longer: make soak MINUTES=60
	$(BIN)/python -m tests.soak --minutes $(MINUTES) --walk 100000

bench: $(BENCH)  ## measure what a user waits for, and other engines, and write it into docs/performance.md
	$(BIN)/python -m benches.cli --write
	$(BIN)/python -m benches.w1 --write
	$(BIN)/python -m benches.w2 --write
	$(BIN)/python -m benches.giants --write
	$(BIN)/python -m benches.suite --write
	$(BIN)/python -m benches.store --write
	$(BIN)/python -m benches.record --write
	$(BIN)/python -m benches.page

dist: $(DEV)  ## make what is published: the wheel, the page that verifies packs, and their digests
	rm -rf dist
	$(BIN)/hatchling build --target wheel
	$(BIN)/python tools/build_verifier.py dist/verify.html
	cd dist && sha256sum * > SHA256SUMS && cat SHA256SUMS

COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest \
	--generate-hashes --only-binary :all: --no-header $(UPGRADE)

lock: $(DEV)  ## write requirements/ after pyproject.toml; newer versions too: make lock UPGRADE=--upgrade
	$(COMPILE) pyproject.toml --output-file requirements/run.txt
	$(COMPILE) --group build --constraints requirements/run.txt --output-file requirements/build.txt
	$(COMPILE) pyproject.toml --group dev --constraints requirements/run.txt \
	    --constraints requirements/build.txt --output-file requirements/dev.txt
	$(COMPILE) pyproject.toml --group bench --constraints requirements/dev.txt \
	    --output-file requirements/bench.txt

clean:  ## remove all that make and the tools have made
	rm -rf $(VENV) build dist .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

$(MADE):
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	    { echo "tansiq needs Python 3.11 or newer. To say which it shall take: make PYTHON=..."; exit 1; }
	@"$(PYTHON)" -c 'import ensurepip, venv' 2>/dev/null || \
	    { echo "$(PYTHON) cannot make virtual environments. On Debian: apt-get install $(notdir $(PYTHON))-venv"; exit 1; }
	"$(PYTHON)" -m venv $(VENV)
	@touch $@

$(RUN): requirements/run.txt requirements/build.txt pyproject.toml | $(MADE)
	@echo "installing what tansiq runs on, as requirements/run.txt says"
	@$(PIP) install $(LOCKED) --requirement requirements/run.txt --requirement requirements/build.txt
	@$(PIP) install --no-index --no-build-isolation --no-deps --editable .
	@echo "compiling the kernels, once"
	@$(BIN)/python -c 'from tansiq.conflict.warm import warm_up; warm_up()'
	@touch $@

$(DEV): requirements/dev.txt $(RUN)
	@echo "installing what tansiq is tested with, as requirements/dev.txt says"
	@$(PIP) install $(LOCKED) --requirement requirements/dev.txt
	@touch $@

$(BENCH): requirements/bench.txt $(DEV)
	@echo "installing the engines that tansiq is compared with, as requirements/bench.txt says"
	@$(PIP) install $(LOCKED) --requirement requirements/bench.txt
	@touch $@
