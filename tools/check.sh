#!/bin/sh
# Formatter, linter, types, layers: all of them, even after one has failed.
set -u
cd "$(dirname "$0")/.."
failed=''
step() {
    name=$1
    shift
    "$@" || failed="$failed $name"
}
step format .venv/bin/ruff format --check --quiet .
step lint .venv/bin/ruff check --quiet .
step types .venv/bin/mypy --no-error-summary
step layers .venv/bin/lint-imports --no-logo
if [ -n "$failed" ]; then
    printf 'check: failed:%s\n' "$failed" >&2
    exit 1
fi
