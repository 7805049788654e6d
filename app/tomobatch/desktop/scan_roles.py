"""Columns and roles of the table of scans."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex

COLUMNS = ("Select", "Filename", "COR", "Status", "View Try", "View Full", "Actions")
SELECT, FILENAME, COR, STATUS, VIEW_TRY, VIEW_FULL, ACTIONS = range(len(COLUMNS))

# The first roles are the fields of `Display`, in their order.
FIELDS = (
    "name", "details", "corText", "corSource", "corWarning", "corDoubted", "status", "statusKind", "note",
    "noteBad",
    "progress", "canCancel", "canViewTry", "canViewFull", "canTry", "canFull", "series",
    "smaller",
)  # fmt: skip
FIRST = int(Qt.ItemDataRole.UserRole) + 1
ROLES = {name: FIRST + place for place, name in enumerate((*FIELDS, "scanId", "selected", "current", "off"))}
SCAN_ID, SELECTED, OFF = ROLES["scanId"], ROLES["selected"], ROLES["off"]
DISPLAY = int(Qt.ItemDataRole.DisplayRole)

# What `DisplayRole` gives, by column.
WORDS = {FILENAME: FIELDS.index("name"), COR: FIELDS.index("corText"), STATUS: FIELDS.index("status")}
