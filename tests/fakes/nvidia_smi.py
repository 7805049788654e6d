"""The folder of a `nvidia-smi` for tests: what it answers, whether it hangs, how often it was asked."""

from __future__ import annotations

import os
from pathlib import Path

PROGRAM = Path(__file__).with_name("nvidia_smi.sh")
MODEL = "NVIDIA RTX A6000"


class NvidiaSmi:
    """Answers for GPUs of one make; invented after the manual, see the program beside this file.

    Parameters
    ----------
    path
        Where to look for all other programs.
    """

    def __init__(self, folder: Path, gpus: int = 1, path: str | None = None) -> None:
        self.folder = folder / "nvidia-smi"
        (self.folder / "bin").mkdir(parents=True)
        (self.folder / "bin" / "nvidia-smi").symlink_to(PROGRAM)
        (self.folder / "runs").touch()
        path = os.environ["PATH"] if path is None else path
        self.env = {"NVIDIA_SMI": str(self.folder), "PATH": f"{self.folder / 'bin'}:{path}"}
        self.answer([(18432, 62)] * gpus)
        lines = (f"GPU {index}: {MODEL} (UUID: GPU-{index})\n" for index in range(gpus))
        self.write("list", "".join(lines))

    def answer(self, gpus: list[tuple[object, object]], total_mib: object = 49140) -> None:
        """Memory used in MiB and use in % of each GPU from now on."""
        lines = (
            f"{index}, GPU-{index}, {MODEL}, {total_mib}, {used}, {use}\n"
            for index, (used, use) in enumerate(gpus)
        )
        self.write("query", "".join(lines))

    def write(self, name: str, text: str) -> None:
        """Put an answer in place of the one before, in one step."""
        part = self.folder / f"{name}.part"
        part.write_text(text)
        part.rename(self.folder / name)

    def hang(self) -> None:
        """Never answer again."""
        (self.folder / "hang").touch()

    def asked(self, what: str = "--query-gpu") -> list[int]:
        """The processes that were asked for it."""
        lines = (line.split() for line in (self.folder / "runs").read_text().splitlines())
        return [int(pid) for asked, pid in lines if asked == what]
