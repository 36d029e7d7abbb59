# One command each; every one sets up what it needs. `make help` lists them.
ifndef PYTHON
# pyenv's shims exist for versions that are not there, and say so when they are called.
PYTHON := $(shell for p in python3.12 python3.11 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && echo $$p && break; done)
endif
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
MESHES := dm_robotics-moma==0.10.0

.DEFAULT_GOAL := help
.PHONY: help setup check format test gate demo bench clean

help: ## list the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 10

setup: $(STAMP) ## create .venv and install everything, pinned

MESSAGES := $(shell find helms_msgs -type f)
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

$(STAMP): requirements/run.txt requirements/ros.txt requirements/learning.txt requirements/dev.txt setup.py pyproject.toml package.xml \
		$(MESSAGES) $(wildcard launch/*.py)
	@test -n "$(PYTHON)" || { echo "helms needs Python 3.11, 3.12 or 3.13; found: $$(python3 --version 2>&1). \
	Install one (sudo apt-get install python3) or call make PYTHON=/path/to/python3.12"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot create virtual environments; \
	install that part: sudo apt-get install python3-venv"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	@command -v c++ >/dev/null || { echo "the ROS messages are compiled: a C++ compiler is missing; \
	install one (sudo apt-get install g++)"; exit 1; }
	$(PIP) -r requirements/run.txt -r requirements/ros.txt -r requirements/learning.txt -r requirements/dev.txt
	$(PIP) --no-deps ./helms_msgs
	$(PIP) --no-deps --editable .
	@# An editable installation has no share/ and no lib/, where the ros2 tools look.
	$(BIN)/python -W ignore setup.py --quiet install_data --install-dir $(VENV)
	@# Meshes to look at, used as a folder; without them the pictures show plain shapes.
	$(PIP) --no-deps $(MESHES) || \
	echo "warning: the decorative meshes ($(MESHES)) could not be installed; pictures will show plain shapes"
	@touch $(STAMP)

check: $(STAMP) ## lint, format and type checks
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(STAMP) ## format the code
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

LIVE := test/graph test/control/hardware test/sim/emulation test/sim/benchmark

test: $(STAMP) ## run the tests
	$(BIN)/python -m pytest -n 2 $(LIVE:%=--ignore %)
	@# Live graphs and robots, one after the other: they watch the clock, and that nothing is left behind on the machine.
	@# Once more what fails: a shared machine that stands still for a second looks like a dead node. A defect fails twice.
	$(BIN)/python -m pytest -rR --reruns 1 $(LIVE)

gate: $(STAMP) ## check that demonstrator and shipped policies still succeed as often as stated (15 minutes)
	$(BIN)/python benchmarks/gate.py

demo: $(STAMP) ## stack once, with a video and a picture in out/
	$(BIN)/helms demo

bench: $(STAMP) ## measure the speed of the cell
	$(BIN)/helms bench sim

clean: ## remove what the other commands made
	rm -rf $(VENV) build dist out *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis
