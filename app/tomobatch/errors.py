"""Errors that carry a stable code for programs and a sentence for people."""

from __future__ import annotations


class TomoBatchError(Exception):
    """Something a person must be told.

    Parameters
    ----------
    code
        Stable, lower case with dashes (``"cor-outside"``): tests and programs rest on it.
    sentence
        What happened, to which file, and what to do next. Plain text.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class UnreachableError(TomoBatchError):
    """The way to another host broke: what became of what was asked there is not known; ask again."""
