"""Quantities as people read them: the same words in the window and on the command line."""

from __future__ import annotations

import time


def size_text(size_bytes: float) -> str:
    """``15.0 GB``."""
    value = float(size_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    return f"{value:.1f} TB"


def duration_text(duration_s: float) -> str:
    """``3 s``, ``3 min 12 s``, ``1 h 10 min``; seconds are left out from ten minutes on."""
    seconds = max(0, round(duration_s))
    if seconds < 60:
        return f"{seconds} s"
    minutes, rest = divmod(seconds, 60)
    if seconds < 600:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min"


def gpus_text(found: int | None, wanted: int) -> str:
    """What was found, beside the number of GPUs that is set: ``4 GPUs found, 2 used``."""
    if found is None:
        return "not asked yet"
    if not found:
        return "no GPU was found"
    text = "1 GPU found" if found == 1 else f"{found} GPUs found"
    if wanted > found:
        return f"▲ {text}, {wanted} set"
    return text if wanted == found else f"{text}, {wanted} used"


def ordinal(number: int) -> str:
    """``1st``, ``2nd``, ``11th``, ``23rd``."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{'th' if number % 100 in (11, 12, 13) else ending}"


def pause_text(user: str, at_s: float, why: str = "") -> str:
    """``Paused by ada at 14:02: beam is off.``; `at_s` in seconds since 1970."""
    when = time.strftime("%H:%M", time.localtime(at_s))
    return f"Paused by {user} at {when}{f': {why}' if why else ''}."


def cor_text(cor_px: float) -> str:
    """A COR with two decimals, or as many as it needs, up to four: ``1024.50``."""
    whole, _, decimals = f"{cor_px:.4f}".partition(".")
    return f"{whole}.{decimals.rstrip('0'):0<2}"


def without_name(note: str, name: str) -> str:
    """A sentence about a file where the file's name stands beside it already."""
    rest = note.removeprefix(f"{name} ").removeprefix(f"{name}: ")
    return rest if rest == note else rest[:1].upper() + rest[1:]
