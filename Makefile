# Everything lives in .venv; nothing outside the checkout is touched. A second call installs nothing.
# Compiled modules are kept even where the environment says not to: without them every start is seconds slower.
unexport PYTHONDONTWRITEBYTECODE
PYTHON ?= python3
BIN := .venv/bin

# One process more than there are cores, since tests of the browser often wait; four at most: each has a browser and a server.
PYTEST = $(BIN)/python -m pytest -n `$(BIN)/python -c 'import os; print(min(4, os.cpu_count() + 1))'` --dist loadgroup --no-loadscope-reorder

.PHONY: app test quick thorough mutants check bench vendor record clean

app: .venv/.app
	@$(BIN)/resviz app $(ARGS)

test: .venv/.dev
	@$(PYTEST) $(ARGS)

# No browser, no whole networks that learn or are built, no processes: while one writes.
quick: .venv/.dev
	@$(PYTEST) -m "not browser and not grid and not process and not heavy" --hypothesis-profile quick $(ARGS)

# Everything, full products and many more examples included: an hour at most.
thorough: .venv/.dev
	@$(PYTEST) -m "" --hypothesis-profile deep $(ARGS)

# Small faults put into a copy, each of which the tests must notice.
mutants: .venv/.dev
	@$(BIN)/python -m tests.mutants $(ARGS)

check: .venv/.dev
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/python -m tests.js

bench: .venv/.dev
	@$(BIN)/python -m tests.bench $(ARGS)

# The browser libraries that lie in the package, fetched again: unmodified, in the versions that vendor.json names.
vendor: .venv/.dev
	@$(BIN)/python -m tests.vendor

# What the pages open with, trained here and now, into the folders of their topics.
record: .venv/.dev
	@$(BIN)/python -m resviz.runs.recorded $(ARGS)

clean:
	rm -rf .venv

.venv/.uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "resviz needs Python 3.11 or newer; $(PYTHON) is" `$(PYTHON) --version` "- try: make PYTHON=python3.12"; exit 1; }
	@echo "Setting up .venv (the first time fills 6 GB on Linux, see README.md)"
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check 'uv<1' || echo "uv is not to be had; pip will do, more slowly"
	@touch $@

# uv takes a third of pip's time; pip is the way out where only pip is configured for the network at hand.
.venv/.app: .venv/.uv pyproject.toml
	@$(BIN)/uv pip install -q -e . || $(BIN)/python -m pip install -q -e .
	@touch $@

.venv/.dev: .venv/.uv pyproject.toml
	@$(BIN)/uv pip install -q -e '.[test,check,bench]' || $(BIN)/python -m pip install -q -e '.[test,check,bench]'
	@touch $@ .venv/.app
