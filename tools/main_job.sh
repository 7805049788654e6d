#!/bin/sh
# The main job, headless: COR, Try and Full of every scan of a folder; demo scans where none is named.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
tomobatch=$here/.venv/bin/tomobatch
folder=${1:-}
if [ -z "$folder" ]; then
    folder=$here/demo/scans
    [ -d "$folder" ] || "$tomobatch" demo "$folder"
fi
status=0
"$tomobatch" run try --rotation-axis-auto=auto -- "$folder" || status=$?
"$tomobatch" run full -- "$folder" || status=$?
"$tomobatch" list -- "$folder"
exit "$status"
