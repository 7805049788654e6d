"""A folder's CSV against its table: what others wrote is neither lost nor taken for granted."""

import os
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tomobatch.cor.csv_base import CsvBase
from tomobatch.cor.csv_file import CSV_NAME, parse_csv
from tomobatch.cor.csv_sync import Answers, CsvSync, Question, Saved
from tomobatch.cor.known_scans import SETTLED_S, KnownScans
from tomobatch.cor.merge import Conflict
from tomobatch.cor.table import CorSource, CorTable, Identity, table_path
from tomobatch.errors import TomoBatchError

NOTHING_KNOWN = KnownScans()


class Side:
    """A table and the CSV of one folder, opened anew each time as by a program that was started again."""

    def __init__(self, folder):
        self.folder = folder
        self.path = folder / CSV_NAME

    @property
    def sync(self):
        return CsvSync(self.folder, self.path, CorTable(self.folder))

    def set(self, **cors_px):
        CorTable(self.folder).set_cors(
            {f"{name}.h5": cor_px for name, cor_px in cors_px.items()}, CorSource.TYPED
        )

    def write(self, *lines, header="Filename,COR"):
        self.path.write_text("\n".join((header, *lines, "")))

    def lines(self):
        return self.path.read_text().splitlines()[1:]

    def table(self):
        entries = CorTable(self.folder).entries
        return {name[:-3]: (entry.value_px, entry.source.value) for name, entry in entries.items()}

    def save(self, answers=None, known=NOTHING_KNOWN):
        return self.sync.save(answers or Answers(), known)

    def load_by_itself(self, known=NOTHING_KNOWN):
        return self.sync.load_by_itself(known)


@pytest.fixture
def side(tmp_path):
    folder = tmp_path / "scans"
    folder.mkdir()
    return Side(folder)


@pytest.fixture
def saved(side):
    side.set(a=1, b=2)
    side.save()
    return side


def test_nobody_else_wrote_and_nothing_is_asked(saved):
    saved.set(a=5, c=3)
    assert saved.save() == Saved(3)
    assert saved.lines() == ["a.h5,5.0", "b.h5,2.0", "c.h5,3.0"]


def test_what_another_program_changed_is_taken_and_can_be_undone(saved):
    saved.set(a=5)
    saved.write("a.h5,1", "b.h5,7", "n.h5,9")
    answer = saved.save()
    assert saved.lines() == ["a.h5,5.0", "b.h5,7.0", "n.h5,9.0"]
    assert saved.table() == {"a": (5.0, "typed"), "b": (7.0, "CSV"), "n": (9.0, "CSV")}
    assert (answer.before["b.h5"].value_px, answer.before["n.h5"]) == (2.0, None)
    assert answer.after["n.h5"].value_px == 9.0


def test_a_row_another_program_took_out_goes_and_can_be_undone(saved):
    saved.write("a.h5,1")
    answer = saved.save()
    assert saved.table() == {"a": (1.0, "typed")}
    assert (answer.before["b.h5"].value_px, answer.after["b.h5"]) == (2.0, None)


@pytest.mark.parametrize("lines", [(), ("",), ('"a.h5',)])
def test_an_emptied_file_takes_no_row_away(saved, lines):
    saved.write(*lines)
    answer = saved.save(
        Answers(accepted=frozenset(saved.save().losses) if lines == ('"a.h5',) else frozenset())
    )
    assert answer.count == 2
    assert saved.lines() == ["a.h5,1.0", "b.h5,2.0"]


def test_a_row_that_may_be_in_a_line_nobody_can_read_is_not_taken_away(saved):
    saved.write("a.h5,1", '"b.h5,2')
    saved.save(Answers(accepted=frozenset(saved.save().losses)))
    assert saved.lines() == ["a.h5,1.0", "b.h5,2.0"]


def test_conflicts_come_in_natural_order(side):
    side.set(s_10=1, s_9=1, s_1=1)
    side.write("s_10.h5,2", "s_9.h5,2", "s_1.h5,2")
    assert [one.name for one in side.save().conflicts] == ["s_1.h5", "s_9.h5", "s_10.h5"]


def test_a_file_that_is_gone_is_written_again(saved):
    saved.path.unlink()
    assert saved.save().count == 2
    assert saved.lines() == ["a.h5,1.0", "b.h5,2.0"]


def test_a_row_both_changed_is_asked_about_and_nothing_is_written(saved):
    saved.set(a=5)
    saved.write("a.h5,6", "b.h5,7")
    before = saved.path.read_bytes()
    question = saved.save()
    conflict = Conflict("a.h5", 5.0, 6.0)
    assert question == Question((conflict,), ())
    assert (saved.path.read_bytes(), saved.table()["b"]) == (before, (2.0, "typed"))
    assert isinstance(saved.save(Answers({conflict: False})), Saved)
    assert saved.lines() == ["a.h5,5.0", "b.h5,7.0"]


def test_theirs_is_taken_where_that_was_decided(saved):
    saved.set(a=5)
    CorTable(saved.folder).remove(["b.h5"])
    saved.write("a.h5,6", "b.h5,7")
    question = saved.save()
    assert question.conflicts == (Conflict("a.h5", 5.0, 6.0), Conflict("b.h5", None, 7.0))
    saved.save(Answers(dict.fromkeys(question.conflicts, True)))
    assert saved.table() == {"a": (6.0, "CSV"), "b": (7.0, "CSV")}


def test_a_row_they_took_out_and_we_changed_is_a_conflict(saved):
    saved.set(a=5)
    saved.write("b.h5,2")
    (conflict,) = saved.save().conflicts
    assert conflict == Conflict("a.h5", 5.0, None)
    saved.save(Answers({conflict: True}))
    assert saved.table() == {"b": (2.0, "typed")}


def test_a_file_that_changed_again_is_asked_about_again(saved):
    saved.set(a=5)
    saved.write("a.h5,6", "b.h5,2")
    (conflict,) = saved.save().conflicts
    saved.write("a.h5,8", "b.h5,2")
    assert saved.save(Answers({conflict: False})).conflicts == (Conflict("a.h5", 5.0, 8.0),)
    assert "a.h5,8" in saved.lines()


def test_lines_that_cannot_be_read_are_not_dropped_in_silence(saved):
    saved.write("a.h5,1", "b.h5,two", "what is this", header="Filename,COR,Comment")
    question = saved.save()
    assert [words in loss for words, loss in zip(("line 3", "Comment"), question.losses, strict=True)] == [
        True
    ] * 2
    assert "b.h5,two" in saved.lines()
    saved.save(Answers(accepted=frozenset(question.losses)))
    # The damaged line has not taken our own row away.
    assert saved.lines() == ["a.h5,1.0", "b.h5,2.0"]


def test_of_other_columns_one_is_told_once(saved):
    saved.write("a.h5,1,good", "b.h5,2,", header="Filename,COR,Comment")
    (loss,) = saved.save().losses
    assert "Comment" in loss
    saved.save(Answers(accepted=frozenset([loss])))
    assert saved.save() == Saved(2)


def test_what_is_known_of_the_csv_survives_a_restart(saved):
    saved.write("a.h5,6", "b.h5,2")
    assert saved.save().after["a.h5"].value_px == 6.0
    saved.set(a=9)
    assert isinstance(saved.save(), Saved)


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"cors": {"a.h5": "x"}}', '{"cors": {"a.h5": -1}}', "[" * 99999]
)
def test_a_memory_that_is_broken_makes_more_questions_and_no_crash(saved, text):
    table_path(saved.folder).with_suffix(".csv-base").write_text(text)
    saved.set(a=5)
    assert saved.save().conflicts == (Conflict("a.h5", 5.0, 1.0),)


def test_a_cor_outside_its_detector_is_not_used_and_said(saved):
    known = KnownScans(columns={"a.h5": 64})
    saved.write("a.h5,64", "b.h5,2")
    (note,) = saved.load_by_itself(known)
    assert note == "a.h5: A COR of 64 lies outside the detector, 0 to 63."
    assert saved.sync.load(known)[1] == [note]
    assert saved.save(known=known).losses == (note,)
    assert saved.table()["a"] == (1.0, "typed")


# -- taken over by itself ---------------------------------------------------------------------


def test_what_differs_from_a_typed_cor_is_news_until_it_is_decided(saved):
    saved.set(a=5)
    saved.write("a.h5,6", "b.h5,2")
    sync = saved.sync
    assert "a.h5: the COR 5 (typed) is kept" in sync.load_by_itself(NOTHING_KNOWN)[0]
    assert sync.news == {"a.h5": 6.0}
    # Looked at is not decided.
    assert saved.save().conflicts == (Conflict("a.h5", 5.0, 6.0),)
    sync.settle({Conflict("a.h5", 5.0, 6.0): False}, NOTHING_KNOWN)
    assert sync.news == {}
    assert saved.load_by_itself() == []
    assert isinstance(saved.save(), Saved)
    assert saved.lines()[0] == "a.h5,5.0"


def test_theirs_can_be_taken_without_saving(saved):
    saved.set(a=5)
    saved.write("a.h5,6", "b.h5,2")
    sync = saved.sync
    sync.load_by_itself(NOTHING_KNOWN)
    done = sync.settle({Conflict("a.h5", 5.0, 6.0): True, Conflict("b.h5", 2.0, 3.0): True}, NOTHING_KNOWN)
    assert saved.table() == {"a": (6.0, "CSV"), "b": (2.0, "typed")}
    assert (done.before["a.h5"].value_px, done.after["a.h5"].value_px) == (5.0, 6.0)


def test_a_change_of_ones_own_is_no_news(saved):
    saved.set(a=5)
    sync = saved.sync
    assert sync.load_by_itself(NOTHING_KNOWN) == []
    assert sync.news == {}


def test_a_cor_that_was_taken_away_does_not_come_back_by_itself(saved):
    CorTable(saved.folder).remove(["a.h5"])
    saved.load_by_itself()
    assert "a" not in saved.table()
    saved.write("a.h5,3", "b.h5,2")
    saved.load_by_itself()
    assert saved.table()["a"] == (3.0, "CSV")


def test_a_lost_table_is_filled_again(saved):
    table_path(saved.folder).write_text("damaged")
    assert len(saved.load_by_itself()) == 0
    assert saved.table() == {"a": (1.0, "CSV"), "b": (2.0, "CSV")}


# -- which scan a COR is of -------------------------------------------------------------------


def test_the_cor_of_another_scan_is_not_renewed_by_the_old_csv_but_by_news(saved):
    old, new = Identity(1, 1), Identity(2, 2)
    CorTable(saved.folder).set_cors({"a.h5": 1.0}, CorSource.TYPED, {"a.h5": old})
    known = KnownScans({"a.h5": new})
    saved.load_by_itself(known)
    assert CorTable(saved.folder).entries["a.h5"].file == old
    saved.write("a.h5,4", "b.h5,2")
    (note,) = saved.load_by_itself(known)
    assert note == f"a.h5: the COR 1 of another scan was replaced by 4 of {CSV_NAME}."
    entry = CorTable(saved.folder).entries["a.h5"]
    assert (entry.value_px, entry.source, entry.file) == (4.0, CorSource.CSV, new)


def test_a_csv_that_a_person_loads_is_of_the_scans_that_are_there(saved):
    file = saved.folder / "a.h5"
    file.write_text("scan")
    fresh = file.stat()
    saved.sync.load(NOTHING_KNOWN)
    # It may be being written.
    assert CorTable(saved.folder).entries["a.h5"].file is None
    os.utime(file, (fresh.st_atime, fresh.st_mtime - 2 * SETTLED_S))
    saved.sync.load(NOTHING_KNOWN)
    assert CorTable(saved.folder).entries["a.h5"].file == (4, file.stat().st_mtime_ns)


@pytest.mark.parametrize("age_s", [0, 2 * SETTLED_S])
def test_a_file_that_is_another_than_when_it_was_looked_at(side, age_s):
    file = side.folder / "a.h5"
    file.write_text("scan")
    os.utime(file, (time.time() - age_s,) * 2)
    now = Identity(4, file.stat().st_mtime_ns)
    assert KnownScans({"a.h5": now}).looked_up(side.folder, ["a.h5"]) == {"a.h5": now}
    found = KnownScans({"a.h5": Identity(1, 1)}).looked_up(side.folder, ["a.h5"])
    assert found == ({"a.h5": now} if age_s else {})


@pytest.mark.parametrize("name", ["../a.h5", "/etc/passwd", "a\0b.h5"])
def test_odd_names_are_not_looked_up(side, name):
    assert NOTHING_KNOWN.looked_up(side.folder, [name]) == {}


# -- any two sides ----------------------------------------------------------------------------

ROWS = st.dictionaries(st.sampled_from("abcd"), st.sampled_from([1.0, 2.0, 3.0]))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(["ours", "theirs", "save", "look"]), ROWS), max_size=8), st.booleans()
)
def test_whatever_two_programs_do_nothing_is_lost_unasked(tmp_path_factory, moves, take):
    side = Side(tmp_path_factory.mktemp("scans"))
    wrote = {}
    for what, rows in moves:
        if what == "ours":
            side.set(**rows)
        elif what == "theirs":
            wrote |= rows
            side.write(*(f"{name}.h5,{cor}" for name, cor in wrote.items()))
        elif what == "look":
            side.load_by_itself()
        else:
            before = dict(CorTable(side.folder).entries)
            answer = side.save()
            asked = answer.conflicts if isinstance(answer, Question) else ()
            if asked:
                side.save(Answers(dict.fromkeys(asked, take)))
            now = parse_csv(side.path.read_bytes()).cors_px
            decided = {one.name for one in asked}
            for name, cor in wrote.items():
                ours = before.get(f"{name}.h5")
                # What they wrote is there, unless we wrote over what we had seen, or somebody decided.
                assert f"{name}.h5" in decided or now[f"{name}.h5"] in (cor, ours and ours.value_px)
            wrote = {name[:-3]: cor for name, cor in now.items()}
            assert wrote == {name: cor for name, (cor, _) in side.table().items()}


# -- a disk that takes nothing ----------------------------------------------------------------


def test_where_the_csv_cannot_be_written_neither_it_nor_the_table_changes(saved):
    saved.set(a=5)
    saved.write("a.h5,1", "b.h5,7")
    before = saved.path.read_bytes()
    # Nobody, not even root, can put a file where a folder is.
    (saved.folder / f".{CSV_NAME}.{os.getpid()}.part").mkdir()
    with pytest.raises(TomoBatchError) as caught:
        saved.save()
    assert caught.value.code == "csv-not-written"
    assert (saved.path.read_bytes(), saved.table()["b"]) == (before, (2.0, "typed"))
    assert CsvBase(saved.folder).read() == {"a.h5": 1.0, "b.h5": 2.0}
