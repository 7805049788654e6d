#!/bin/sh
# Print the Debian packages (Debian 12 and 13, Ubuntu 22.04 and 24.04) of the shared libraries that Qt misses on
# this machine; a library that none of them holds is printed as it is. Prints nothing when the window can open.
set -eu
cd "$(dirname "$0")/.."

# The loader itself is asked, so that libraries from elsewhere than Debian's packages count too.
missing() {
    for qt in .venv/lib/python3*/site-packages/PySide6; do
        set -- "$qt/QtQuick.abi3.so" "$qt"/Qt/plugins/platforms/libqoffscreen.so
        if [ -n "${WAYLAND_DISPLAY-}" ] && [ -z "${DISPLAY-}" ]; then
            set -- "$@" "$qt"/Qt/plugins/platforms/libqwayland.so \
                "$qt"/Qt/plugins/wayland-shell-integration/libxdg-shell.so \
                "$qt"/Qt/plugins/wayland-graphics-integration-client/libqt-plugin-wayland-egl.so
        else
            set -- "$@" "$qt"/Qt/plugins/platforms/libqxcb.so "$qt"/Qt/plugins/xcbglintegrations/*.so
        fi
        ldd "$@"
    done | awk '/=> not found/ { print $1 }' | sort -u
}

package_of() {
    case $1 in
    libEGL.so.1) echo libegl1 ;;
    libGL.so.1 | libGLX.so.0) echo libgl1 ;;
    libX11.so.6) echo libx11-6 ;;
    libX11-xcb.so.1) echo libx11-xcb1 ;;
    libdbus-1.so.3) echo libdbus-1-3 ;;
    libfontconfig.so.1) echo libfontconfig1 ;;
    libfreetype.so.6) echo libfreetype6 ;;
    # on newer systems libglib2.0-0t64 goes by this name too
    libglib-2.0.so.0 | libgthread-2.0.so.0) echo libglib2.0-0 ;;
    libgssapi_krb5.so.2) echo libgssapi-krb5-2 ;;
    libwayland-client.so.0) echo libwayland-client0 ;;
    libwayland-cursor.so.0) echo libwayland-cursor0 ;;
    libwayland-egl.so.1) echo libwayland-egl1 ;;
    libxcb.so.1) echo libxcb1 ;;
    libxcb-icccm.so.4) echo libxcb-icccm4 ;;
    libxcb-keysyms.so.1) echo libxcb-keysyms1 ;;
    libxcb-sync.so.1) echo libxcb-sync1 ;;
    libxcb-util.so.1) echo libxcb-util1 ;;
    libxcb-xkb.so.1) echo libxcb-xkb1 ;;
    libxcb-*.so.0) echo "${1%.so.0}0" ;;
    libxkbcommon.so.0) echo libxkbcommon0 ;;
    libxkbcommon-x11.so.0) echo libxkbcommon-x11-0 ;;
    libz.so.1) echo zlib1g ;;
    libzstd.so.1) echo libzstd1 ;;
    *) echo "$1" ;;
    esac
}

missing | while read -r library; do package_of "$library"; done | sort -u
