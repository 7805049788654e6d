"""What a person changes while a file of CORs is read: it stays, and Undo takes it back first."""

import pytest

from desktop.cor_aid import write_csv
from tomobatch.cor.csv_sync import Answers


async def test_what_is_typed_while_a_csv_is_loaded_stays_and_is_taken_back_first(desk):
    desk.set("a_1.h5", "5")
    write_csv(desk, "a_1.h5,100", "a_2.h5,200")
    async with desk.slow_disk():
        desk.editing.load_csv()
        desk.set("a_1.h5", "7")
        desk.set("b_1.h5", "9")
    loaded = {"a_2.h5": ("200.00", "CSV")}
    typed = {"a_1.h5": ("7.00", "typed"), "b_1.h5": ("9.00", "typed")}
    assert desk.shown() == await desk.kept() == {**typed, **loaded}
    desk.cors.undo()
    assert desk.shown() == {"a_1.h5": ("7.00", "typed"), **loaded}
    desk.cors.undo()
    assert desk.shown() == {"a_1.h5": ("5.00", "typed"), **loaded}
    desk.cors.undo()
    assert desk.shown() == await desk.kept() == {"a_1.h5": ("5.00", "typed")}
    for _ in range(3):
        desk.cors.redo()
    assert desk.shown() == await desk.kept() == {**typed, **loaded}


async def test_what_is_taken_back_while_a_csv_is_loaded_is_not_the_files(desk):
    desk.set("a_1.h5", "5")
    desk.set("a_1.h5", "6")
    write_csv(desk, "a_1.h5,100", "a_2.h5,200")
    async with desk.slow_disk():
        desk.editing.load_csv()
        desk.cors.undo()
        desk.set("a_3.h5", "8")
        desk.cors.undo()
    assert desk.shown() == {"a_1.h5": ("5.00", "typed"), "a_2.h5": ("200.00", "CSV")}
    desk.cors.undo()
    assert desk.shown() == await desk.kept() == {"a_1.h5": ("5.00", "typed")}
    desk.cors.redo()
    assert desk.shown() == await desk.kept() == {"a_1.h5": ("5.00", "typed"), "a_2.h5": ("200.00", "CSV")}


async def test_a_csv_of_which_all_was_typed_over_meanwhile_is_no_step(desk):
    write_csv(desk, "a_1.h5,100")
    async with desk.slow_disk():
        desk.editing.load_csv()
        desk.set("a_1.h5", "7")
    desk.cors.undo()
    assert (desk.shown(), desk.cors.canUndo) == ({}, False)


async def test_a_scan_that_is_deleted_while_a_csv_is_loaded_gets_its_cor_back_by_no_undo(desk):
    desk.set("b_1.h5", "5")
    write_csv(desk, "a_1.h5,100", "b_1.h5,9")
    async with desk.slow_disk():
        desk.editing.load_csv()
        desk.editing.forget(["b_1.h5"])
    assert desk.shown() == await desk.kept() == {"a_1.h5": ("100.00", "CSV")}
    desk.cors.undo()
    assert desk.shown() == await desk.kept() == {}


async def differing(desk):
    """Two rows of the CSV that another program has changed."""
    desk.set("a_1.h5", "1")
    desk.set("a_2.h5", "2")
    desk.editing.save_csv()
    await desk.settle()
    write_csv(desk, "a_1.h5,21", "a_2.h5,22")
    desk.editing.load_by_itself()
    await desk.settle()
    return dict.fromkeys(desk.editing.differences(), True)


@pytest.mark.parametrize("how", ["saved", "settled"])
async def test_what_is_typed_while_a_decision_is_carried_out_is_taken_back_first(desk, how):
    take = await differing(desk)
    assert len(take) == 2
    async with desk.slow_disk():
        if how == "saved":
            desk.editing.save_csv(Answers(take, frozenset()))
        else:
            desk.editing.settle(take)
        desk.set("a_1.h5", "7")
    assert desk.shown() == await desk.kept() == {"a_1.h5": ("7.00", "typed"), "a_2.h5": ("22.00", "CSV")}
    desk.cors.undo()
    assert desk.shown() == {"a_1.h5": ("1.00", "typed"), "a_2.h5": ("22.00", "CSV")}
    desk.cors.undo()
    assert desk.shown() == await desk.kept() == {"a_1.h5": ("1.00", "typed"), "a_2.h5": ("2.00", "typed")}
