"""The end of a run: judge its outputs, write the receipt, swap the result in.

Each step may be the last before a power cut: run again, :func:`finish` goes on from what lies on disk. The
previous result stays until the new one stands in its place.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tomobatch.errors import TomoBatchError
from tomobatch.recon.alone import alone
from tomobatch.recon.judge import Verdict, judge
from tomobatch.recon.keeping import before_place, kept_place
from tomobatch.recon.outputs import is_volume, partial_place
from tomobatch.recon.receipt import (
    RECEIPT_FILE,
    Receipt,
    RunFacts,
    make_receipt,
    read_receipt,
    result_files,
    write_receipt,
)
from tomobatch.recon.request import ReconRequest
from tomobatch.recon.results import refuse_other_scan

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_FORBIDDEN = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


@dataclass(frozen=True)
class _Places:
    partial: Path
    made: Path  # what takes the final place: the partial folder, or the volume in it
    final: Path
    old: Path
    before: Path  # what no job's name stands for is kept here
    keep: bool = False

    @classmethod
    def of(cls, request: ReconRequest) -> _Places:
        final, partial = Path(request.final), Path(request.partial)
        if partial != partial_place(final, request.job_id):
            raise TomoBatchError(
                "partial-place", f"{partial} is not this job's own folder: it is left alone."
            )
        volume = is_volume(request.kind, request.save_format)
        made = partial / request.expected().files[0] if volume else partial
        old = final.with_name(f"{final.name}.old-{request.job_id}")
        return cls(partial, made, final, old, before_place(final, request.job_id), request.keep)


def finish(
    request: Mapping[str, Any], facts: Mapping[str, Any], asked: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Judge a run's outputs and swap them in; runs in the worker process, on the host that ran it.

    Parameters
    ----------
    request
        ``ReconRequest.to_dict()``, with paths of that host.
    facts
        ``dataclasses.asdict`` of a :class:`~tomobatch.recon.receipt.RunFacts`.
    asked
        The request as it was queued, where the host that queued it has the files elsewhere: the receipt tells
        of that, for it is read there.

    Returns
    -------
    dict
        ``code`` (``good``, else a code of the verdict, ``disk-full``, ``permission``, ``io-error`` or
        ``place-taken``),
        ``sentence``, ``final`` (where the result lies) and ``files``. On anything but ``good`` the previous
        result stands as it was, and the job's own folder is left for :func:`discard`.
    """
    wanted, run = ReconRequest.from_dict(request), RunFacts.from_dict(facts)
    told = wanted if asked is None else ReconRequest.from_dict(asked)
    places = _Places.of(wanted)
    with alone(wanted.job_id):
        try:
            verdict = _finish(wanted, run, places, told)
        except (OSError, RuntimeError) as error:
            verdict = _os_verdict(error, places.final)
            with contextlib.suppress(OSError):
                _put_back(places)
    files = list(result_files(wanted, run.found_cor_px)) if verdict.good else []
    return {"code": verdict.code, "sentence": verdict.sentence, "final": wanted.final, "files": files}


def _finish(request: ReconRequest, facts: RunFacts, places: _Places, told: ReconRequest) -> Verdict:
    if _is_in_place(request, places):
        return Verdict("good", f"The result is in its place.{_cleaned(places)}")
    before = read_receipt(places.final)
    verdict = _judge(request, facts, places)
    if verdict.good:
        verdict = _is_free(request, places, before) or verdict
    if not verdict.good:
        _put_back(places)
        return verdict
    write_receipt(places.made, make_receipt(told, facts, verdict.sentence))
    _swap(places)
    return Verdict(verdict.code, verdict.sentence + _cleaned(places))


def _cleaned(places: _Places) -> str:
    """Remove the previous result, or keep it; the new one is good, whether or not that succeeds."""
    try:
        _clean(places)
    except OSError as error:
        reason = error.strerror or str(error)
        return f" The previous result could not be removed ({reason}) and lies in {places.old}."
    if places.keep and os.path.lexists(places.before):
        return f" The previous result was made elsewhere: it is kept in {places.before}."
    return ""


def _is_in_place(request: ReconRequest, places: _Places) -> bool:
    """Whether an earlier call got as far as the swap."""
    if os.path.lexists(places.made):
        return False
    receipt = read_receipt(places.final)
    return receipt is not None and receipt.job_id == request.job_id


def _is_free(request: ReconRequest, places: _Places, before: Receipt | None) -> Verdict | None:
    """Why the place must not be taken: another scan's result may have come there while this one was made.

    Or one of this scan, since `before` was read: whoever waited for this one has given it up and run it anew.
    """
    there = read_receipt(places.final)
    if there is None:
        return None
    if there.job_id not in (request.job_id, before.job_id if before is not None else ""):
        return Verdict(
            "place-taken", f"Another run put its result into {places.final} while this was checked."
        )
    try:
        refuse_other_scan(
            request.kind, request.final, Path(there.scan.path).name, Path(request.scan.path).name
        )
    except TomoBatchError as error:
        return Verdict(error.code, error.sentence)
    return None


def _judge(request: ReconRequest, facts: RunFacts, places: _Places) -> Verdict:
    if request.finds_cor and facts.found_cor_px is None:
        return Verdict(
            "no-cor-found", "The engine ended without saying which COR it found: set the COR by hand."
        )
    return judge(places.partial, request.kind, request.expected(facts.found_cor_px))


def _put_back(places: _Places) -> None:
    """Undo a swap that was cut off halfway and cannot be completed."""
    if os.path.lexists(places.old) and not os.path.lexists(places.final):
        places.old.rename(places.final)


def _swap(places: _Places) -> None:
    # A file takes another's place in one step; a folder cannot.
    one_step = places.made.is_file() and not places.final.is_dir() and not places.keep
    if os.path.lexists(places.final) and not one_step:
        _clean_old(places)
        places.final.rename(places.old)
    places.made.replace(places.final)


def _clean(places: _Places) -> None:
    _clean_old(places)
    if places.made != places.partial:
        _remove_own(places.partial)


def _clean_old(places: _Places) -> None:
    """Remove the previous result, or keep it; what others put beside it moves over into the new one."""
    if not os.path.lexists(places.old):
        return
    kept = _kept_place(places) if places.keep else None
    if places.old.is_symlink() or not places.old.is_dir():
        _keep(places.old, kept)
        return
    for entry in list(places.old.iterdir()):
        if not _is_result(entry):
            if places.final.is_dir() and not os.path.lexists(places.final / entry.name):
                entry.rename(places.final / entry.name)
        elif kept is None:
            entry.unlink()
    _remove_if_empty(places.old)
    if kept is not None and os.path.lexists(places.old):
        _keep(places.old, kept)


def _keep(old: Path, kept: Path | None) -> None:
    if kept is None:
        old.unlink()
    elif os.path.lexists(kept):
        # A file would take its place without a word.
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), str(kept))
    else:
        old.rename(kept)


def _kept_place(places: _Places) -> Path | None:
    """Where the previous result is to be kept; None where it is a link, or one of this very job."""
    if places.old.is_symlink():
        return None
    receipt = read_receipt(places.old)
    if receipt is not None and places.old.name.endswith(f".old-{receipt.job_id}"):
        return None
    kept = None if receipt is None else kept_place(places.final, receipt.job_id)
    if kept is not None and not os.path.lexists(kept):
        return kept
    # Made elsewhere, or its receipt cannot be read just now: it is kept all the same.
    return places.before


def _is_result(entry: Path) -> bool:
    name = entry.name
    name = name.removeprefix(".").removesuffix(".part") if name.endswith(".part") else name
    made = name in {RECEIPT_FILE, "rec_line.txt"}
    picture = name.startswith("recon_") and name.endswith((".tiff", ".tif"))
    return (made or picture) and not stat.S_ISDIR(entry.lstat().st_mode)


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError as error:
        if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
            raise


def discard(request: Mapping[str, Any]) -> dict[str, Any]:
    """Remove what a run left in its own folder, and nothing else; runs in the worker process as well.

    Parameters
    ----------
    request
        ``ReconRequest.to_dict()``.

    Returns
    -------
    dict
        ``code`` (``good``, ``permission``, ``io-error``) and ``sentence``.
    """
    given = ReconRequest.from_dict(request)
    places = _Places.of(given)
    try:
        with alone(given.job_id):
            _put_back(places)
            _remove_own(places.partial)
    except OSError as error:
        verdict = _os_verdict(error, places.partial)
        return {"code": verdict.code, "sentence": verdict.sentence}
    return {"code": "good", "sentence": "What the run left was removed."}


def _remove_own(partial: Path) -> None:
    """Remove the job's own folder; of a link, the link alone."""
    if partial.is_symlink() or partial.is_file():
        partial.unlink()
    elif partial.is_dir():
        shutil.rmtree(partial)


def _os_verdict(error: OSError | RuntimeError, place: Path) -> Verdict:
    number, reason = getattr(error, "errno", None), getattr(error, "strerror", None) or str(error)
    if number in _FULL or os.strerror(errno.ENOSPC) in reason:  # h5py says it in words alone
        return Verdict("disk-full", f"The disk of {place.parent} is full: make room and run this again.")
    if number in _FORBIDDEN:
        return Verdict(
            "permission", f"{place} may not be written ({reason}): check the folder's permissions."
        )
    return Verdict("io-error", f"{place} could not be put in place: {reason}.")
