#!/bin/sh
# Put TomoBatch into the applications' menu of this user, and on the desktop where there is one: launched by a
# double click from then on.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
applications=${XDG_DATA_HOME:-$HOME/.local/share}/applications
mkdir -p "$applications"

# A path in Exec: quoted as an argument, then its backslashes once more as those of any value (Desktop Entry
# Specification).
quoted() { printf '"%s"' "$(printf %s "$1" | sed -e 's/[\\`"$]/\\&/g' -e 's/\\/\\\\/g' -e 's/%/%%/g')"; }

entry=$applications/tomobatch.desktop
cat >"$entry.part" <<END
[Desktop Entry]
Type=Application
Name=TomoBatch
Comment=Centre of rotation, Try and Full for folders of scans
Exec=$(quoted "$here/.venv/bin/tomobatch")
TryExec=$here/.venv/bin/tomobatch
Icon=$here/qml/TomoBatch/icons/tomobatch.svg
Terminal=false
Categories=Science;
StartupNotify=true
StartupWMClass=tomobatch
END
mv "$entry.part" "$entry"
printf 'launcher: %s\n' "$entry"

desktop=$(xdg-user-dir DESKTOP 2>/dev/null || printf %s "$HOME/Desktop")
if [ -d "$desktop" ] && [ "$desktop" != "$HOME" ]; then
    cp "$entry" "$desktop/tomobatch.desktop"
    chmod +x "$desktop/tomobatch.desktop"
    printf 'launcher: %s\n' "$desktop/tomobatch.desktop"
fi
