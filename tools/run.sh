#!/bin/sh
# The window where there is a display, on a folder or where it was last; else the main job without one.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
if [ -z "${DISPLAY-}${WAYLAND_DISPLAY-}${QT_QPA_PLATFORM-}" ]; then
    exec "$here/tools/main_job.sh" "${1-}"
elif [ -n "${1-}" ]; then
    exec "$here/.venv/bin/tomobatch" -- "$1"
else
    exec "$here/.venv/bin/tomobatch"
fi
