#!/bin/sh
# Write the locked dependency lists anew (hashes, no index addresses; markers cover Python 3.11 to 3.13).
# uv resolves, in a throw-away environment; pip alone installs from the lists.
set -eu
cd "$(dirname "$0")/.."
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
python3 -m venv "$tmp/venv"
"$tmp/venv/bin/pip" install --quiet 'uv>=0.5,<1'
lock() {
    out=$1
    shift
    "$tmp/venv/bin/uv" pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-header --no-annotate pyproject.toml "$@" --output-file "requirements/$out"
}
lock run.lock --group build
# one version of everything, whichever list a machine was set up from
lock test.lock --group test --constraint requirements/run.lock
lock bench.lock --group test --group bench --constraint requirements/run.lock
