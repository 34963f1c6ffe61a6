# Everything a newcomer needs is here, and nothing has to be installed first but Python (with venv) and make.
# Each target makes .venv when it is missing and installs what it needs, once; pyproject.toml decides what that is.
#
#   make demo                       with the system's python3
#   make demo PYTHON=python3.12     with another one (say it the first time: .venv remembers)

PYTHON ?= python3
VENV := .venv
VENV_HIPS := .venv-hips
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --disable-pip-version-check

# An environment whose Python was upgraded away, or that was moved or copied with the tree, imports strange things or
# nothing: such a one is made anew. One that the user made is left as it is.
MADE_HERE = [ ! -e $(1)/.made-in ] || { [ "$$(cat $(1)/.made-in)" = "$(CURDIR)" ] && $(1)/bin/python -c "" 2>/dev/null; }
$(foreach venv,$(VENV) $(VENV_HIPS),$(shell $(call MADE_HERE,$(venv)) || rm -rf $(venv)))

.DEFAULT_GOAL := help
.PHONY: help demo test parity lint format types check bench notebooks wheel-check clean
# An interrupted installation must not look like a finished one.
.DELETE_ON_ERROR:

help:  ## this list
	@echo "usage: make TARGET [PYTHON=python3.12]"
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-12s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.has-demo  ## draw graphs with their gradients, train a classifier of digits; pictures go to out/
	$(PY) examples/demo.py

test: $(VENV)/.has-test  ## the tests and the examples in the docstrings (comparisons with PyTorch: make parity)
	$(PY) -m pytest -rs $(ARGS)

parity: $(VENV)/.has-parity  ## the comparisons with PyTorch; installs it, which can take gigabytes (see docs/benchmarks.md)
	@$(PY) -c "import torch; print('comparing with PyTorch', torch.__version__)"
	$(PY) -m pytest -rs tests/parity $(ARGS)

lint: $(VENV)/.has-lint  ## ruff: rules and formatting
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

format: $(VENV)/.has-lint  ## let ruff mend what it can
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

types: $(VENV)/.has-lint $(VENV)/.has-demo  ## mypy --strict over the three packages
	$(PY) -m mypy

check: lint types test  ## lint, types and test

bench: export OMP_NUM_THREADS := 1
bench: export OPENBLAS_NUM_THREADS := 1
bench: export MKL_NUM_THREADS := 1
bench: export VECLIB_MAXIMUM_THREADS := 1
bench: export GRADLENS_HIPS_PYTHON := $(VENV_HIPS)/bin/python
bench: $(VENV)/.has-bench $(VENV_HIPS)/.has-autograd  ## ratios beside micrograd, MyGrad, HIPS autograd and PyTorch
	$(PY) -m benchmarks $(ARGS)

notebooks: $(VENV)/.has-notebooks  ## run every notebook from its first cell to its last
	$(PY) -m pytest --nbmake --nbmake-timeout=600 notebooks $(ARGS)

wheel-check: $(VENV)/.has-release  ## build the wheel, install it in an empty environment, use it there
	$(PY) tools/check_wheel.py

clean:  ## remove the environments and everything that was made
	rm -rf $(VENV) $(VENV_HIPS) .venv-oldest out dist build *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- environments -------------------------------------------------------------------------------------------------

# $(call make-venv,DIRECTORY): one clear line when Python is missing, too old, or without venv; no half-made leftovers.
define make-venv
	@command -v $(PYTHON) >/dev/null || \
	  { echo "gradlens needs Python 3.10 or newer, and there is no $(PYTHON) here; name one: make PYTHON=python3.12 TARGET" >&2; exit 1; }
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 10))" || \
	  { echo "gradlens needs Python 3.10 or newer, and $(PYTHON) is $$($(PYTHON) --version 2>&1); name another: make PYTHON=python3.12 TARGET" >&2; exit 1; }
	@$(PYTHON) -c "import venv, ensurepip" 2>/dev/null || \
	  { echo "gradlens needs Python's venv module, and $(PYTHON) lacks it; on Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(1) || { rm -rf $(1); exit 1; }
	@echo "$(CURDIR)" > $(1)/.made-in
endef

$(PY):
	$(call make-venv,$(VENV))

$(VENV_HIPS)/bin/python:
	$(call make-venv,$(VENV_HIPS))

# One stamp an extra. Editable, so only a change of pyproject.toml asks for another installation.
# (An environment made by another tool may lack pip.)
$(VENV)/.has-%: pyproject.toml | $(PY)
	@$(PIP) --version >/dev/null 2>&1 || $(PY) -m ensurepip
	$(PIP) install --quiet --editable '.[$*]'
	@touch $@

# PyPI's `autograd` (HIPS) has the import name of ours, so it lives in an environment of its own.
$(VENV_HIPS)/.has-autograd: | $(VENV_HIPS)/bin/python
	$(VENV_HIPS)/bin/python -m pip --disable-pip-version-check install --quiet 'autograd>=1.7' 'numpy>=1.26'
	@touch $@
