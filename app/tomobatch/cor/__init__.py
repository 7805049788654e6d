"""Centres of rotation: a folder's COR table, its CSV, scoring."""
