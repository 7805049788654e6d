#!/bin/sh
# Set up .venv from a locked list: `setup.sh run`, `setup.sh test` or `setup.sh bench`.
# Does nothing when it was done already with the same lists and the same Python.
set -eu
cd "$(dirname "$0")/.."
# where Debian keeps sshd, also for those who are not root
PATH=$PATH:/usr/sbin:/sbin
what=${1:-run}
lock=requirements/$what.lock

say() { printf 'setup: %s\n' "$*" >&2; }

find_python() {
    for candidate in python3 python3.13 python3.12 python3.11; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    say 'Python 3.11, 3.12 or 3.13 is needed. On Debian or Ubuntu: sudo apt-get install python3 python3-venv'
    exit 1
}

# install_debian PACKAGE...: where this user may; otherwise says the command and gives up.
install_debian() {
    if ! command -v apt-get >/dev/null; then
        say "these system packages are missing: $*"
        exit 1
    elif [ "$(id -u)" = 0 ]; then
        as_root=''
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        as_root='sudo -n'
    else
        say "please run this, then try again: sudo apt-get install --yes $*"
        exit 1
    fi
    say "installing $*"
    $as_root apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install --yes -qq --no-install-recommends "$@" >&2
}

need_program() {
    command -v "$1" >/dev/null || install_debian "$2"
}

# What Qt needs of the system. Headless work goes on without it; a test machine must have it.
need_libraries() {
    packages=$(tools/qt_libraries.sh)
    [ -n "$packages" ] || return 0
    if (install_debian $packages) && [ -z "$(tools/qt_libraries.sh)" ]; then
        return
    elif [ "$what" = run ] && [ -z "${CI-}${DISPLAY-}${WAYLAND_DISPLAY-}${QT_QPA_PLATFORM-}" ]; then
        say 'the window cannot open here before that; there is no display now, so this goes on without it'
    else
        say "the window cannot open: these are still missing: $(tools/qt_libraries.sh | tr '\n' ' ')"
        exit 1
    fi
}

digest() {
    { cat "$lock" pyproject.toml; "$python" -VV; pwd; } | cksum
}

need_program flock util-linux
if [ "$what" != run ]; then
    # the shells that the wrapper of the jobs is tested with
    need_program bash bash
    need_program busybox busybox-static
    # a screen and hands for the window
    need_program Xvfb xvfb
    need_program xdotool xdotool
    # a server to log in to, and the login shells that people have there
    need_program sshd openssh-server
    need_program ip iproute2
    need_program zsh zsh
    need_program tcsh tcsh
fi
python=$(find_python)
stamp=.venv/.setup-$what
if [ -x .venv/bin/tomobatch ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$(digest)" ]; then
    need_libraries
    exit 0
fi

# One at a time: `make run` and `make test` may be started together.
exec 9>.setup.lock
flock 9

version() { "$1" -c 'import sys; print(sys.version_info[:2], sys.base_prefix)' 2>/dev/null; }
if [ "$(version .venv/bin/python)" != "$(version "$python")" ]; then
    rm -rf .venv
    "$python" -c 'import ensurepip' 2>/dev/null || install_debian python3-venv
    say "making .venv with $("$python" -V)"
    "$python" -m venv .venv
fi
say "installing $lock"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement "$lock"
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
digest >"$stamp"
need_libraries
say 'done: .venv/bin/tomobatch'
