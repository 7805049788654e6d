"""Stories in the live window."""

import shutil

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject

from desktop.cor_aid import Desk
from desktop.live import Play


@pytest.fixture
def play(tmp_path, own_home):
    yield Play(tmp_path / "live")
    Play.clean_up(own_home)


@pytest.fixture
def owner():
    """Owns what has timers, and lets go of it in this thread: Python may do so in any, and crash Qt."""
    application = QCoreApplication.instance() or QCoreApplication([])
    assert application
    parent = QObject()
    yield parent
    parent.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def scans(made, tmp_path):
    """A folder of one's own, to be spoilt: of the scans and results that the module has `made`."""
    for name in ("scans", "scans_rec"):
        shutil.copytree(made.with_name(name), tmp_path / name)
    return tmp_path / "scans"


@pytest.fixture
async def desk(tmp_path):
    """A table of CORs that ended without an unforeseen error."""
    desk = Desk(tmp_path)
    yield desk
    await desk.editing.close()
    await desk.tasks.close()
    assert desk.errors == []
