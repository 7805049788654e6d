"""Plain aligned tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Column = tuple[str, str, str]
"""Heading, key of the figure, format."""


def table(title: str, columns: Sequence[Column], rows: Sequence[Mapping[str, object]]) -> str:
    """Text of a table: numbers to the right, words to the left, a dash where there is no figure."""
    cells = [[heading for heading, _, _ in columns]]
    cells += [[_cell(row.get(key), form) for _, key, form in columns] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    left = [form == "" for _, _, form in columns]
    lines = [
        "  ".join(
            cell.ljust(width) if to_left else cell.rjust(width)
            for cell, width, to_left in zip(line, widths, left, strict=True)
        ).rstrip()
        for line in cells
    ]
    return "\n".join([title, *(f"  {line}" for line in lines), ""])


def _cell(value: object, form: str) -> str:
    return "-" if value is None else format(value, form)
