"""Whatever happens in whatever order: Qt's tester is content, and the table shows what a fresh one would."""

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QPersistentModelIndex

from desktop.scan_aid import JobState, Watched, files, job, result, scan
from tomobatch.cor.table import CorEntry, CorSource
from tomobatch.desktop.scan_model import ScanModel
from tomobatch.desktop.scan_roles import COLUMNS, ROLES
from tomobatch.desktop.selection import Selection
from tomobatch.recon.kinds import Kind

NAMES = [f"{series}_{number}.h5" for number in range(6) for series in "ab"]
STATES = [JobState.QUEUED, JobState.RUNNING, JobState.FAILED, JobState.COMPLETE]
some = st.sets(st.sampled_from(NAMES)).map(sorted)
FILTERS = ["", "a", "b 1", "state:queued", "state:ready", "1 state:failed", "nothing"]
steps = st.one_of(
    st.tuples(st.just("files"), some),
    st.tuples(st.just("scans"), some),
    st.tuples(st.just("results"), some),
    st.tuples(st.just("cors"), st.dictionaries(st.sampled_from(NAMES), st.integers(1, 3))),
    st.tuples(st.just("job"), st.tuples(st.sampled_from(NAMES), st.sampled_from(STATES))),
    st.tuples(st.just("filter"), st.sampled_from(FILTERS)),
    st.tuples(st.just("sort"), st.sampled_from(range(len(COLUMNS)))),
    st.tuples(st.just("all"), st.booleans()),
    st.tuples(st.just("where"), st.sampled_from(["failed", "withoutCor", "withoutFull"])),
    st.tuples(st.just("range"), st.tuples(st.integers(0, 11), st.integers(0, 11), st.booleans())),
    st.tuples(st.just("drag"), st.lists(st.integers(0, 11), min_size=1, max_size=4)),
    st.tuples(st.just("current"), st.integers(-1, 11)),
)


DO = {
    "files": lambda model, names: model.set_files(files(*names)),
    "scans": lambda model, names: model.set_scans([(scan(name), ()) for name in names]),
    "results": lambda model, names: model.set_results({name: (result(Kind.FULL),) for name in names}),
    "cors": lambda model, cors: model.set_cors(
        {name: CorEntry(float(cor_px), CorSource.CSV, 0.0) for name, cor_px in cors.items()}
    ),
    "job": lambda model, facts: model.jobs_changed([job(*facts)]),
    "filter": lambda model, text: setattr(model, "filter", text),
    "sort": lambda model, column: model.sortBy(column),
    "all": lambda model, on: Selection(model).all() if on else Selection(model).none(),
    "where": lambda model, what: Selection(model).where(what),
    "range": lambda model, ends: Selection(model).setRange(*ends),
    "drag": lambda model, ids: drag(Selection(model), *ids),
    "current": lambda model, scan_id: model.set_current(scan_id),
}


def drag(selection, first, *over):
    selection.toggle(first)
    for scan_id in over:
        selection.extendTo(scan_id)


class Mirror:
    """What a view shows that reads again only what it is told of."""

    def __init__(self, model: ScanModel):
        self.model = model
        self.rows = [self.read(row) for row in range(model.rowCount())]
        model.dataChanged.connect(self.changed)
        model.rowsInserted.connect(self.inserted)
        model.rowsRemoved.connect(self.removed)
        model.layoutChanged.connect(self.again)
        model.modelReset.connect(self.again)

    def read(self, row):
        return {role: self.model.data(self.model.index(row, 0), role) for role in ROLES.values()}

    def changed(self, first, last, roles):
        for row in range(first.row(), last.row() + 1):
            fresh = self.read(row)
            self.rows[row].update({role: fresh[role] for role in roles if role in fresh})

    def inserted(self, _, first, last):
        self.rows[first:first] = [self.read(row) for row in range(first, last + 1)]

    def removed(self, _, first, last):
        del self.rows[first : last + 1]

    def again(self, *_):
        self.rows = [self.read(row) for row in range(self.model.rowCount())]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(steps, min_size=4, max_size=25), st.randoms())
def test_a_view_that_believes_the_signals_shows_the_truth(story, chance: random.Random):
    table = Watched().open(*NAMES)
    model, mirror = table.model, Mirror(table.model)
    for step, argument in story:
        ids = [model.idAt(row) for row in range(model.rowCount())]
        kept = [
            (QPersistentModelIndex(model.index(row, chance.randrange(len(COLUMNS)))), ids[row])
            for row in chance.sample(range(len(ids)), min(3, len(ids)))
        ]
        resets = sum(signal == ("reset",) for signal in table.signals)
        DO[step](model, argument)
        assert mirror.rows == [mirror.read(row) for row in range(model.rowCount())], step
        assert [model.rowOf(model.idAt(row)) for row in range(model.rowCount())] == list(
            range(model.rowCount())
        )
        if resets == sum(signal == ("reset",) for signal in table.signals):
            for index, scan_id in kept:
                assert (index.row() if index.isValid() else -1) == model.rowOf(scan_id), step


@settings(max_examples=60, deadline=None)
@given(st.permutations(NAMES), st.integers(0, len(NAMES)))
def test_rows_go_and_come_in_any_places(names, count):
    table = Watched().open(*names[:count])
    mirror = Mirror(table.model)
    table.model.set_files(files(*names[count // 2 :]))
    assert table.names() == list(names[count // 2 :])
    assert [row[ROLES["name"]] for row in mirror.rows] == table.names()
