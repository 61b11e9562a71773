# make run    sets up and serves on http://localhost:8501
# make test   sets up and runs everything that CI runs
# make fix    formats, and mends what the linter can
# make bench  measures; make bench-quick the same on less data
# make screenshots   renews docs/pictures

HOST ?= 127.0.0.1
PORT ?= 8501
WORKERS ?= 2
export HOST PORT
# What is compiled once is kept: the tests start Python some hundred times.
unexport PYTHONDONTWRITEBYTECODE

PY := .venv/bin/python
PYTEST := $(PY) -m pytest -n $(WORKERS)

.PHONY: run test check rules sqlite postgresql browser fix bench bench-quick screenshots setup setup-dev

run: setup
	@exec $(PY) -m kopprod serve

# What reads the code needs one processor, so the rules run beside it.
test: setup-dev
	@$(MAKE) --no-print-directory -j 2 check rules
	@$(MAKE) --no-print-directory sqlite postgresql browser

check: setup-dev
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	.venv/bin/lint-imports
	$(PY) -m mypy

# Every branch of the rules is asked for by their own tests; counting would make the others slow.
rules: setup-dev
	$(PYTEST) -m "rules and not browser" --cov --cov-report=term-missing:skip-covered

sqlite: setup-dev
	$(PYTEST) -m "not rules and not browser"

postgresql: setup-dev
	KOPPROD_TEST_DB=postgresql $(PYTEST) -m "not browser"

# Reading the other files only to leave them out would take as long as some of the tests.
browser: setup-dev
	$(PYTEST) -m browser --dist loadfile --no-loadscope-reorder \
		$$(grep -l "mark\.browser" tests/test_*.py)

fix: setup-dev
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: setup-dev
	@$(PY) -m benchmarks

bench-quick: setup-dev
	@$(PY) -m benchmarks --quick

screenshots: setup-dev
	$(PY) -m tests.screenshots

setup:
	@./setup.sh requirements.txt

setup-dev:
	@./setup.sh requirements.txt requirements-dev.txt
