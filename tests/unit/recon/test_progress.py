import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tomobatch.recon.engines import Engine, EngineKind
from tomobatch.recon.kinds import Kind
from tomobatch.recon.progress import LONGEST_LINE_BYTES, Alarm, Progress, ProgressParser, bar_count

TOMOCUPY = Engine(EngineKind.TOMOCUPY, ("tomocupy",))

# Invented in the form of the recorded ones, for a clone that has no samples beside it.
SYNTHETIC = (
    "2026-11-22 15:20:33,975 - \x1b[92mOutput: /data/out/tooth_try/recon\x1b[0m\n"
    + "".join(
        f"\rqueue size 001 |  |{'█' * (done // 5)}{'-' * (20 - done // 5)}| {done}.0% \r"
        for done in range(0, 101, 20)
    )
    + "\n2026-11-22 15:20:34,781 - \x1b[33mReconstruction time 8.1e-01s\x1b[0m\n"
).encode()


def bar(percent):
    return f"\rqueue size 000 |  |{'█' * int(percent // 2.5):-<40}| {percent:.1f}% \r".encode()


def parsed(data, bars=1):
    parser = ProgressParser(bars)
    parser.feed(data)
    return parser.finish()


def recorded(shared_data):
    if shared_data is None:
        return [SYNTHETIC]
    return [path.read_bytes() for path in sorted((shared_data / "tomocupy").glob("*.std*.txt"))] + [SYNTHETIC]


def cut(data, places):
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


def feed_all(pieces, bars=1):
    parser = ProgressParser(bars)
    steps = [parser.feed(piece) for piece in pieces]
    return [*steps, parser.finish()]


@settings(deadline=None)
@given(st.lists(st.integers(0, 1 << 20), max_size=30), st.integers(1, 3))
def test_where_the_output_is_split_makes_no_difference(places, bars):
    steps = feed_all(cut(SYNTHETIC, places), bars)
    assert steps[-1] == parsed(SYNTHETIC, bars)
    assert all(before.fraction <= after.fraction for before, after in itertools.pairwise(steps))


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 1 << 20), max_size=10))
def test_recorded_output_in_pieces(shared_data, places):
    for text in recorded(shared_data):
        assert feed_all(cut(text, places))[-1] == parsed(text)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=20))
def test_any_bytes_do_no_harm(pieces):
    assert feed_all(pieces)[-1] == parsed(b"".join(pieces))


def test_a_synthetic_run():
    assert parsed(SYNTHETIC) == Progress(1.0, "Reconstruction time 8.1e-01s", (), None)


def test_the_recorded_runs(recorded_data):
    folder = recorded_data / "tomocupy"
    for name in ("tooth_try", "tooth_full_parzen", "phantom_full_crop"):
        output = parsed((folder / f"{name}.stdout.txt").read_bytes())
        assert (output.fraction, output.message, output.alarms) == (1.0, "", ())
        log = parsed((folder / f"{name}.stderr.txt").read_bytes())
        assert log.message.startswith("Reconstruction time")
    missing = parsed((folder / "missing.stderr.txt").read_bytes())
    assert missing.alarms == (Alarm.TRACEBACK,)
    assert missing.message.startswith("FileNotFoundError")


def test_fraction_within_a_bar():
    assert ProgressParser(1).feed(bar(0) + bar(40)).fraction == pytest.approx(0.4)


def test_each_bar_is_its_share_of_the_whole():
    parser = ProgressParser(3)
    seen = [parser.feed(bar(percent)).fraction for percent in (0, 50, 100, 0, 50, 100, 0, 100)]
    assert seen == pytest.approx([0, 1 / 6, 1 / 3, 1 / 3, 1 / 2, 2 / 3, 2 / 3, 1])


def test_more_bars_than_foreseen_do_not_go_beyond_the_whole_or_back():
    parser = ProgressParser(1)
    seen = [parser.feed(bar(percent)).fraction for percent in (0, 100, 0, 50, 900)]
    assert seen == [0, 1, 1, 1, 1]


def test_a_log_line_that_runs_into_a_bar_is_told_from_it():
    text = bar(50).rstrip(b"\r") + b"2026-11-22 15:20:34,781 - \x1b[33mHello\x1b[0m\n\r"
    progress = parsed(text)
    assert (progress.fraction, progress.message) == (0.5, "Hello")
    assert parsed(bar(50).rstrip(b"\r") + b"Traceback (most recent call last):\n").alarms == (
        Alarm.TRACEBACK,
    )


@pytest.mark.parametrize(
    ("line", "alarms"),
    [
        ("Traceback (most recent call last):", (Alarm.TRACEBACK,)),
        ("Exception in thread Thread-7 (_wrapper):", (Alarm.TRACEBACK,)),
        ("cupy.cuda.memory.OutOfMemoryError: Out of memory allocating 1,024 bytes", (Alarm.GPU_MEMORY,)),
        ("\x1b[91mcudaErrorMemoryAllocation: out of memory\x1b[0m", (Alarm.GPU_MEMORY,)),
        ("write_meta() error: Skip copying meta", ()),
        ("2026-11-22 15:20:33,975 - Output: /d/Traceback (most recent call last)/recon", ()),
    ],
)
def test_alarms(line, alarms):
    assert parsed(f"{line}\n{line}\n".encode()).alarms == alarms


def test_an_alarm_stays():
    output = b"Traceback (most recent call last):\nOutOfMemoryError: x\n" + SYNTHETIC
    assert parsed(output).alarms == (Alarm.TRACEBACK, Alarm.GPU_MEMORY)


@pytest.mark.parametrize(
    ("line", "cor_px"),
    [
        ("rotation axis 296.125", 296.125),
        ("2026-11-22 15:20:33,975 - \x1b[92mrotation axis 1024\x1b[0m", 1024.0),
        ("rotation axis -1.5e-3", -0.0015),
        ("rotation axis unsure", None),
        ("rotation axis 12abc", None),
    ],
)
def test_the_cor_the_engine_found(line, cor_px):
    assert parsed(f"{line}\n".encode()).found_cor_px == cor_px


def test_a_line_without_an_end_is_bounded():
    parser = ProgressParser(1)
    for _ in range(64):
        progress = parser.feed(b"x" * LONGEST_LINE_BYTES)
    assert progress == Progress()
    assert len(parser._rest) == LONGEST_LINE_BYTES
    assert len(parser.finish().message) <= 300
    assert parser.feed(bar(10)).fraction == pytest.approx(0.1)


def test_bars_of_a_run(ask):
    phase = ("--retrieve-phase-method=paganin", "--propagation-distance=30", "--pixel-size=0.7")
    assert bar_count(ask(Kind.FULL)) == 1
    assert bar_count(ask(Kind.TRY, "--nsino=[0,0.5,1]")) == 3
    assert bar_count(ask(Kind.FULL, *phase, engine=TOMOCUPY)) == 3
    assert bar_count(ask(Kind.FULL, *phase, "--pre-processing=False", engine=TOMOCUPY)) == 1


def test_the_doubt_about_a_found_cor_is_heard():
    parser = ProgressParser(1)
    sure = parser.feed(b"rotation axis 48.25\n")
    assert (sure.found_cor_px, sure.cor_doubt) == (48.25, "")
    unsure = parser.feed(
        b"2026-11-22 15:20:30,945 - "
        b"\x1b[33mThe rotation axis is unsure: two scores differ; look at a Try\x1b[0m\n"
    )
    assert unsure.cor_doubt == "two scores differ"
