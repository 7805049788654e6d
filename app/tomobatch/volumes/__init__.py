"""Slices of results: read ahead, off the caller's thread, averaged down to what a screen can show."""
