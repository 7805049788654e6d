#!/bin/sh
# Formatter, linter, types, layers, of Python and of QML: all of them, even after one has failed.
set -u
cd "$(dirname "$0")/.."
failed=''
step() {
    name=$1
    shift
    "$@" || failed="$failed $name"
}

# qmlformat can only rewrite: a copy is formatted, and compared.
qml_format() {
    rm -rf build/qml
    mkdir -p build && cp -R qml build/qml || return
    find build/qml -name '*.qml' -exec .venv/bin/pyside6-qmlformat -i {} + && diff -ru qml build/qml
}

qml_lint() {
    rm -rf build/qmltypes
    .venv/bin/python -W error::RuntimeWarning tools/qml_types.py build/qmltypes || return
    find qml -name '*.qml' -exec .venv/bin/pyside6-qmllint -W 0 -I qml -I build/qmltypes {} +
}

step format .venv/bin/ruff format --check --quiet .
step lint .venv/bin/ruff check --quiet .
step types .venv/bin/mypy --no-error-summary
step layers .venv/bin/lint-imports --no-logo
step qml-format qml_format
step qml-lint qml_lint
if [ -n "$failed" ]; then
    printf 'check: failed:%s\n' "$failed" >&2
    exit 1
fi
