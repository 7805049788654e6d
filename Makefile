# TomoBatch: `make` explains the targets. Every target does its own set-up first.
SHELL := /bin/sh
BIN := .venv/bin
FOLDER ?=
.DEFAULT_GOAL := help
.PHONY: help launcher setup run test test-all check bench screenshots lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

setup: ## virtual environment and locked dependencies; leaves .venv/bin/tomobatch
	@tools/setup.sh run

run: setup ## the window, on your scans: make run FOLDER=/data/scans (no display: Try and Full of all, as text)
	@tools/run.sh "$(FOLDER)"

test: ## formatter, linter, types, layers, all quick tests
	@tools/setup.sh test
	@tools/check.sh
	@$(BIN)/pytest -n 3 -m "not slow" || { \
		echo 'test: once more, alone and without company: what failed'; \
		$(BIN)/pytest --last-failed --last-failed-no-failures none -m "not slow"; }

test-all: ## everything `make test` does, and what takes longer
	@tools/setup.sh test
	@tools/check.sh
	@$(BIN)/pytest -n 3

check: ## formatter, linter, types and layers alone
	@tools/setup.sh test
	@tools/check.sh

bench: ## speed and accuracy, beside peers, in one run
	@tools/setup.sh bench
	@PYTHONPATH=tests $(BIN)/python -m benchmarks

launcher: setup ## put TomoBatch into the menu and on the desktop of this user
	@tools/launcher.sh

screenshots: ## pictures of the main states of the window, in build/screenshots
	@tools/setup.sh test
	@PYTHONPATH=tests $(BIN)/python -m desktop.screenshots build/screenshots

lock: ## resolve the dependencies anew into requirements/
	@tools/lock.sh

clean: ## remove the virtual environment, the demo scans and what was built
	rm -rf .venv demo build
