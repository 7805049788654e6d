"""What *Test connection* runs on a machine, in POSIX shell, and how the answers are read."""

from __future__ import annotations

import re

SEEN = """
[ -e "$1" ] || { printf missing; exit; }
[ -d "$1" ] || { printf no-folder; exit; }
{ [ -r "$1" ] && [ -x "$1" ]; } || { printf closed; exit; }
[ -z "$2" ] || [ -e "$1/$2" ] || { printf other; exit; }
printf seen
"""
"""Of a folder, and a file in it or nothing: ``seen``, or why not."""

_NEAREST = """
place=$1
while [ ! -e "$place" ]; do
    place=${place%/*}
    [ -n "$place" ] || place=/
done
"""

WRITABLE = (
    _NEAREST
    + """
probe=$place/.tomobatch-test-$$
# It must hold something: a full disk makes empty files gladly. And some shells do not say what went wrong.
said=$( { echo x | cat >"$probe"; } 2>&1 ) && rm -- "$probe" && { printf ok; exit; }
rm -f -- "$probe"
printf '%s' "$said"
"""
)
"""Whether a file can be made in a folder, or in the nearest above it that is there: ``ok``, or why not."""

SPACE = _NEAREST + 'df -Pk -- "$place"\n'
CLOCK = ("date", "+%s")

_DF_LINE = re.compile(r"\s\d+\s+\d+\s+(?P<free>\d+)\s+\d+%\s")


def free_bytes_of(text: str) -> int | None:
    """Free bytes as ``df -Pk`` tells them; names before and after the numbers may hold blanks."""
    found = _DF_LINE.search(text.partition("\n")[2])
    return int(found["free"]) * 1024 if found else None


def why_not_seen(said: str, place: str, sample: str) -> tuple[str, str]:
    """Sentence and remedy for an answer of `SEEN`."""
    paths = "If it has another name there, add the two names under Folders."
    match said:
        case "missing":
            return f"{place} is not there.", paths
        case "no-folder":
            return f"{place} is no folder there.", paths
        case "closed":
            return f"{place} is there, but you may not read it.", "Ask whoever keeps the data to let you in."
        case "other":
            return f"{place} is there, but {sample} is not in it: it is another disk.", paths
    return f"It cannot say whether {place} is there.", "Look at it by hand there."
