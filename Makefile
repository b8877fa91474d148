# Everything a newcomer types. Python 3.11 or newer and make are all that must be there already.

PYTHON := $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)

ifeq ($(PYTHON),)
ready_for = echo "Python 3.11 or newer is needed, as python3 or python3.11 to python3.14 on the PATH." >&2; exit 1; :
else
ready_for = $(PYTHON) deploy/make_venv.py
endif

.PHONY: run test check bench soak

run:
	@$(ready_for) requirements.txt
	@.venv/bin/python -m deploy.run --under-make

test:
	@$(ready_for) requirements-dev.txt
	@.venv/bin/python -m pytest

check:
	@$(ready_for) requirements-dev.txt
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy

bench:
	@$(ready_for) requirements-dev.txt
	@.venv/bin/python -m bench

soak:
	@$(ready_for) requirements-dev.txt
	@.venv/bin/python -m pytest -m soak -n 0 --log-cli-level=INFO
	@.venv/bin/python -m pytest -m properties --hypothesis-profile=nightly
