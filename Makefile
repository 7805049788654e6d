# TomoBatch: `make` explains the targets. Every target does its own set-up first.
SHELL := /bin/sh
BIN := .venv/bin
FOLDER ?=
.DEFAULT_GOAL := help
.PHONY: help setup run test test-all check bench lock clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' Makefile

setup: ## virtual environment and locked dependencies; leaves .venv/bin/tomobatch
	@tools/setup.sh run

run: setup ## Try and Full of demo scans made on the spot, or of your own: make run FOLDER=/data/scans
	@tools/main_job.sh "$(FOLDER)"

test: ## formatter, linter, types, layers, all quick tests
	@tools/setup.sh test
	@tools/check.sh
	@$(BIN)/pytest -n 2 -m "not slow"

test-all: ## everything `make test` does, and what takes longer
	@tools/setup.sh test
	@tools/check.sh
	@$(BIN)/pytest -n 2

check: ## formatter, linter, types and layers alone
	@tools/setup.sh test
	@tools/check.sh

bench: ## speed and accuracy, beside peers, in one run
	@tools/setup.sh bench
	@PYTHONPATH=tests $(BIN)/python -m benchmarks

lock: ## resolve the dependencies anew into requirements/
	@tools/lock.sh

clean: ## remove the virtual environment and the demo scans
	rm -rf .venv demo
