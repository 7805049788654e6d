"""The frozen snapshot a job carries: everything a run rests on, taken when it is queued."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path, PurePosixPath
from types import MappingProxyType
from typing import Any

from tomobatch.errors import TomoBatchError
from tomobatch.recon.engines import Engine, EngineKind, Offer, check_options
from tomobatch.recon.kinds import Kind
from tomobatch.recon.options import BY_NAME, Takes, Value, value_of
from tomobatch.recon.outputs import Expected, expected_outputs, final_place, out_path, partial_place

SCHEMA = 1
DXCHANGE, NXTOMO = "dxchange", "nxtomo"
MOST_NAME_BYTES = 255


@dataclass(frozen=True)
class ScanFile:
    """A scan's file as it was when the job was queued; another one under the same name differs."""

    path: str
    size_bytes: int
    mtime_ns: int
    inode: int

    @classmethod
    def of(cls, path: Path) -> ScanFile:
        """The file as it is now. ``path`` is absolute; OSError when it is not there."""
        found = path.stat()
        return cls(str(path), found.st_size, found.st_mtime_ns, found.st_ino)


@dataclass(frozen=True)
class ReconRequest:
    """A run, decided.

    Parameters
    ----------
    job_id
        Names the partial folder and the receipt.
    scan, shape
        The file, and its projections as (angles, rows, columns).
    kind
        Try or Full.
    cor_px, cor_source
        COR in unbinned full-frame pixels and where it came from; None: the middle (Try), or found.
    options
        As given, checked; defaults are not written out.
    engine
        Which engine runs it.
    final, partial
        Where the result will lie, and the job's own folder until then.
    keep
        Whether the result that is there now is kept beside the new one.
    layout
        The scan's kind of file, ``dxchange`` or ``nxtomo``.
    """

    job_id: str
    scan: ScanFile
    kind: Kind
    cor_px: float | None
    cor_source: str
    shape: tuple[int, int, int]
    options: Mapping[str, Value] = field(hash=False)
    engine: Engine
    final: str
    partial: str
    keep: bool = False
    layout: str = DXCHANGE

    def __post_init__(self) -> None:
        object.__setattr__(self, "options", MappingProxyType(dict(self.options)))

    @property
    def finds_cor(self) -> bool:
        """Whether the engine finds the COR itself."""
        return value_of(self.options, "rotation-axis-auto") == "auto"

    def by(self, engine: Engine, offer: Offer) -> ReconRequest:
        """The same run by another engine, or a TomoBatchError where that one cannot do it."""
        _check_engine(Path(self.scan.path), self.layout, engine)
        check_options(engine, offer, self.options)
        return replace(self, engine=engine)

    @property
    def save_format(self) -> str:
        """``tiff`` or ``h5nolinks``; a Try is TIFF all the same."""
        return str(value_of(self.options, "save-format"))

    @property
    def out_path(self) -> str:
        """What ``--out-path-name`` is given."""
        return str(out_path(Path(self.partial), self.kind, self.save_format))

    def expected(self, found_cor_px: float | None = None) -> Expected:
        """What the run must leave; ``found_cor_px`` is the COR the engine found, where it did."""
        cor_px = found_cor_px if self.finds_cor else self.cor_px
        return expected_outputs(self.kind, self.shape, self.options, cor_px)

    def at(self, there: Callable[[str], str]) -> ReconRequest:
        """The same run for a host that has the files elsewhere.

        ``there`` gives the place there of a folder here. The names in it are kept: whoever reads the results
        on another host knows them by these.
        """

        def moved(path: str) -> str:
            place = PurePosixPath(path)
            return str(PurePosixPath(there(str(place.parent)), place.name))

        return replace(
            self,
            scan=replace(self.scan, path=moved(self.scan.path)),
            final=moved(self.final),
            partial=moved(self.partial),
            options={
                name: moved(str(value)) if BY_NAME[name].takes is Takes.PATH else value
                for name, value in self.options.items()
            },
        )

    def to_json(self) -> str:
        """One line of JSON; file names that are not UTF-8 survive as escapes."""
        return json.dumps(self.to_dict())

    def to_dict(self) -> dict[str, Any]:
        """Plain values, as :meth:`to_json` writes them."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__}
        plain |= {"schema": SCHEMA, "scan": asdict(self.scan), "engine": asdict(self.engine)}
        return plain | {"options": dict(self.options)}

    @classmethod
    def from_json(cls, text: str) -> ReconRequest:
        """Read :meth:`to_json` back; TomoBatchError ``request-unreadable`` for anything else."""
        try:
            plain = json.loads(text)
        except ValueError as error:
            raise _unreadable(error) from error
        return cls.from_dict(plain)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> ReconRequest:
        """Read :meth:`to_dict` back; TomoBatchError ``request-unreadable`` for anything else."""
        try:
            return cls._from_dict(plain)
        except (ValueError, KeyError, TypeError) as error:
            raise _unreadable(error) from error

    @classmethod
    def _from_dict(cls, plain: Mapping[str, Any]) -> ReconRequest:
        values = dict(plain)
        if values.pop("schema") != SCHEMA:
            raise ValueError("another version of TomoBatch wrote it")
        engine = values["engine"]
        return cls(
            **values
            | {
                "scan": ScanFile(**values["scan"]),
                "kind": Kind(values["kind"]),
                "shape": tuple(values["shape"]),
                "engine": Engine(EngineKind(engine["kind"]), tuple(engine["program"]), engine["version"]),
            }
        )


def _unreadable(error: Exception) -> TomoBatchError:
    return TomoBatchError(
        "request-unreadable", f"A job's description cannot be read ({error}): queue it again."
    )


def make_request(
    *,
    job_id: str,
    scan: ScanFile,
    layout: str,
    kind: Kind,
    cor_px: float | None,
    cor_source: str,
    shape: tuple[int, int, int],
    options: Mapping[str, Value],
    engine: Engine,
    offer: Offer,
    keep: bool = False,
) -> ReconRequest:
    """Decide a run, or refuse it with a TomoBatchError that names the scan and the reason.

    ``layout`` is the scan's kind of file (``dxchange`` or ``nxtomo``). Codes: ``name-not-utf8``,
    ``name-too-long``, ``engine-cannot-read``, ``no-cor``, ``cor-outside``, and those of options and crop.
    """
    path = Path(scan.path)
    _check_name(path)
    _check_engine(path, layout, engine)
    check_options(engine, offer, options)
    options = _absolute(options)
    final = final_place(path, kind, str(value_of(options, "save-format")))
    request = ReconRequest(
        job_id=job_id,
        scan=scan,
        kind=kind,
        cor_px=cor_px,
        cor_source=cor_source,
        shape=shape,
        options=options,
        engine=engine,
        final=str(final),
        partial=str(partial_place(final, job_id)),
        keep=keep,
        layout=layout,
    )
    _check_length(request.partial, path.name)
    _check_cor(request, path.name)
    request.expected(cor_px)  # refuses crops that leave nothing
    return request


def _check_engine(path: Path, layout: str, engine: Engine) -> None:
    if layout == NXTOMO and engine.kind not in (EngineKind.CPU, EngineKind.ANY):
        raise TomoBatchError(
            "engine-cannot-read", f"tomocupy cannot read {path.name} (NXtomo): run it on the CPU engine."
        )


def _check_length(partial: str, scan_name: str) -> None:
    """The name of the partial result is the longest of all that a run makes."""
    over = len(os.fsencode(Path(partial).name)) - MOST_NAME_BYTES
    if over > 0:
        stem = scan_name.rpartition(".")[0]
        letters = next(n for n in range(1, len(stem) + 1) if len(os.fsencode(stem[-n:])) >= over)
        sentence = f"{scan_name} leaves no room to name its results: make it {letters} letters shorter."
        raise TomoBatchError("name-too-long", sentence)


def _absolute(options: Mapping[str, Value]) -> dict[str, Value]:
    """Paths as they are meant now: the run starts in another folder."""
    made = dict(options)
    for name, value in options.items():
        if BY_NAME[name].takes is Takes.PATH:
            path = Path(str(value)).absolute()
            _check_name(path)
            made[name] = str(path)
    return made


def _check_name(path: Path) -> None:
    try:
        str(path).encode("utf-8")
    except UnicodeEncodeError:
        shown = str(path.name).encode("utf-8", "backslashreplace").decode()
        raise TomoBatchError(
            "name-not-utf8", f"{shown} cannot be processed: its name is not UTF-8. Rename the file first."
        ) from None


def _check_cor(request: ReconRequest, name: str) -> None:
    columns = request.shape[2]
    if request.cor_px is None:
        if request.kind is Kind.FULL and not request.finds_cor:
            raise TomoBatchError("no-cor", f"{name} has no COR: look at a Try of it and set the COR.")
        return
    if not 0 <= request.cor_px <= columns - 1:
        raise TomoBatchError(
            "cor-outside",
            f"The COR of {name}, {request.cor_px:g}, lies outside its detector (0 to {columns - 1}).",
        )
