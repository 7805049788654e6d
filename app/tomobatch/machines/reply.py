"""Answers of the far side: what ``far.sh`` printed, taken apart."""

from __future__ import annotations

from dataclasses import dataclass, replace


class ShellLostError(Exception):
    """The far side is not reached any more, or does not answer; the text says how that was seen."""


class NoSessionError(ShellLostError):
    """The connection stands, but the host opens no further session in it."""


@dataclass(frozen=True)
class Section:
    """One part of an answer: words, and what follows them byte for byte."""

    words: tuple[str, ...]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """What a call was answered.

    Attributes
    ----------
    loose
        What was printed outside any section.
    stderr
        What came on standard error meanwhile.
    """

    status: int
    sections: tuple[Section, ...]
    loose: bytes
    stderr: bytes

    def body(self, word: str) -> bytes | None:
        """What follows a section that is called by one word; None where there is none."""
        return next((part.body for part in self.sections if part.words == (word,)), None)

    def value(self, word: str) -> str | None:
        """The second word of a section; None where there is none."""
        found = (part.words for part in self.sections if part.words[0] == word)
        return next((words[1] if len(words) > 1 else "" for words in found), None)

    def values(self, word: str) -> list[str]:
        """The words behind the first one, of all sections that begin with it."""
        return [" ".join(part.words[1:]) for part in self.sections if part.words[0] == word]

    def of(self, word: str) -> Reply:
        """The sections that begin with a word, without it."""
        own = (part for part in self.sections if part.words[0] == word and len(part.words) > 1)
        return replace(self, sections=tuple(Section(part.words[1:], part.body) for part in own))

    @property
    def complaint(self) -> str:
        """Standard error in one line, or what was printed, or nothing."""
        text = (self.stderr.strip() or self.loose.strip()).decode("utf-8", "replace")
        return " ".join(text.split())[:500]

    @classmethod
    def parsed(cls, out: bytes, err: bytes, token: str) -> Reply:
        """Read an answer that is there to its end; what was printed before its first section is loose.

        `ShellLostError` where it makes no sense.
        """
        mark = f"\n{token} ".encode()
        loose, *parts = out.split(mark)
        sections = []
        for part in parts:
            head, _, body = part.partition(b"\n")
            sections.append(Section(tuple(head.decode("utf-8", "replace").split(" ")), body))
        last = sections.pop().words
        if len(last) != 2 or not last[1].isdecimal():
            raise ShellLostError("its answer makes no sense")
        status = int(last[1])
        return cls(status, tuple(sections), loose, err.partition(mark)[0])
