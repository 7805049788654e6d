"""The command line, as people type it."""

from __future__ import annotations

import argparse

from tomobatch import __version__
from tomobatch.config.machines import ANY, MOVE, WAIT
from tomobatch.machines.slots import MOST_SLOTS
from tomobatch.recon.engines import ENGINE_CHOICES

RUN_HELP = (
    "Further options of the engine follow as --option=VALUE, such as --binning=1; `tomobatch recon -h` lists"
    " those of the CPU engine. --rotation-axis-auto=auto finds the COR of each scan that has none."
)
FOLDER_HELP = "folder of the scans"
JOB_HELP = "name of a job as `tomobatch jobs` shows it, or its beginning"


def build_parser() -> argparse.ArgumentParser:
    """Parser of all subcommands but ``recon``, which the engine reads itself."""
    parser = _Parser(prog="tomobatch", description="Centre of rotation, Try and Full for folders of scans.")
    parser.add_argument("--version", action="version", version=f"TomoBatch {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND", parser_class=_Parser)
    _add_list(commands)
    _add_cor(commands)
    _add_run(commands)
    _add_jobs(commands)
    _add_machines(commands)
    _add_remove(commands)
    demo = commands.add_parser("demo", help="make demo scans: phantoms, each with its own COR")
    demo.add_argument("folder", metavar="FOLDER", help="a new or empty folder")
    demo.add_argument("--scans", type=_number(1, 1000), default=3, metavar="N", help="how many (3)")
    demo.add_argument(
        "--size", type=_number(32, 4096), default=256, metavar="N", help="detector columns (256)"
    )
    commands.add_parser("recon", help="the embedded engine, with tomocupy's command line", add_help=False)
    return parser


class _Parser(argparse.ArgumentParser):
    """Abbreviations are not taken: an option the engine knows must not become one of ours."""

    def __init__(self, **settings: object) -> None:
        super().__init__(allow_abbrev=False, **settings)  # type: ignore[arg-type]


_Commands = argparse._SubParsersAction  # the only name argparse gives this type


def _add_list(commands: _Commands[_Parser]) -> None:
    parser = commands.add_parser("list", help="scans of a folder: name, shape, COR, status")
    parser.add_argument("folder", metavar="FOLDER", help=FOLDER_HELP)
    _add_json(parser)


def _add_cor(commands: _Commands[_Parser]) -> None:
    actions = commands.add_parser("cor", help="centres of rotation of a folder").add_subparsers(
        dest="action", required=True, metavar="ACTION", parser_class=_Parser
    )
    setting = actions.add_parser("set", help="set the COR of a scan")
    setting.add_argument("folder", metavar="FOLDER", help=FOLDER_HELP)
    setting.add_argument("file", metavar="FILE", help="name of the scan's file, with its ending")
    setting.add_argument("value", metavar="VALUE", help="pixels, unbinned, 0-based")
    default = "default: batch_cor_values.csv in FOLDER"
    more = f"a CSV, rot_cen.json or center_of_rotation.txt; {default}"
    texts = (("save", "write all CORs to a CSV", default), ("load", "take over the CORs of a file", more))
    for name, text, csv in texts:
        action = actions.add_parser(name, help=text)
        action.add_argument("folder", metavar="FOLDER", help=FOLDER_HELP)
        action.add_argument("csv", metavar="CSV", nargs="?", help=csv)
        if name == "save":
            keep = "of CORs that another program changed in the CSV, too; without it they are shown"
            action.add_argument("--keep", choices=("mine", "theirs"), help=keep)


def _add_run(commands: _Commands[_Parser]) -> None:
    parser = commands.add_parser("run", help="run a Try or a Full of scans", epilog=RUN_HELP)
    parser.add_argument("kind", metavar="try|full", choices=("try", "full"), help="what to make")
    parser.add_argument("folder", metavar="FOLDER", help=FOLDER_HELP)
    parser.add_argument(
        "files", metavar="FILE", nargs="*", default=[], help="names in the folder; all scans if none is named"
    )
    parser.add_argument(
        "--gpus", type=_number(1, MOST_SLOTS), metavar="N", help="jobs at a time on the machine"
    )
    _add_engine(parser)
    machine_help = f"where they run (Local); {ANY!r}: whichever has a free GPU"
    parser.add_argument("--machine", default="Local", metavar="NAME", help=machine_help)
    _add_json(parser)


def _add_engine(parser: _Parser) -> None:
    parser.add_argument(
        "--engine", choices=ENGINE_CHOICES, default=ENGINE_CHOICES[0], help="auto: tomocupy where it is found"
    )
    parser.add_argument("--engine-command", metavar="PATH", help="a program with tomocupy's command line")


def _add_jobs(commands: _Commands[_Parser]) -> None:
    jobs = commands.add_parser("jobs", help="jobs that run, wait or ended lately")
    jobs.add_argument("--log", metavar="JOB", help=f"print all that the engine of a job has said; {JOB_HELP}")
    _add_json(jobs)
    pause = commands.add_parser("pause", help="let nothing new start; what runs goes on")
    pause.add_argument("why", metavar="WHY", nargs="*", help="shown to everybody who looks at the queue")
    resume = "let a paused queue go on, and see jobs through that were left running or waiting"
    _add_json(commands.add_parser("resume", help=resume))
    retry = commands.add_parser("retry", help="run again what failed or was interrupted in the newest batch")
    _add_engine(retry)
    _add_json(retry)
    stop = commands.add_parser("stop", help="stop jobs; all that run or wait if none is named")
    stop.add_argument("jobs", metavar="JOB", nargs="*", help=JOB_HELP)
    stop.add_argument(
        "--give-up", action="store_true", help="do not wait for those whose machine does not answer"
    )
    _add_json(stop)


def _add_machines(commands: _Commands[_Parser]) -> None:
    machines = commands.add_parser("machines", help="all machines: whether they answer, engines and slots")
    machines.add_argument(
        "--lost-jobs",
        choices=(WAIT, MOVE),
        help=f"what becomes of jobs that wait for a machine which is lost: they wait, or go to {ANY}",
    )
    _add_json(machines)
    move = commands.add_parser("move", help="give the jobs that wait for a machine to another one")
    move.add_argument("from_machine", metavar="FROM", help="name of the machine they wait for")
    move.add_argument("to_machine", metavar="TO", help=f"name of the machine that shall run them, or {ANY!r}")
    _add_json(move)


def _add_remove(commands: _Commands[_Parser]) -> None:
    parser = commands.add_parser("remove", help="delete scans from disk; results stay")
    parser.add_argument("folder", metavar="FOLDER", help=FOLDER_HELP)
    parser.add_argument("files", metavar="FILE", nargs="+", help="names in the folder")
    parser.add_argument(
        "--delete-from-disk", action="store_true", required=True, help="there is no way back: say you mean it"
    )
    parser.add_argument("--yes", action="store_true", help="do not ask for the number of files")


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="output for programs")


class _number:  # noqa: N801 - used as a type, like int
    def __init__(self, low: int, high: int) -> None:
        self._low, self._high = low, high

    def __call__(self, text: str) -> int:
        value = int(text) if text.isascii() and text.isdigit() else -1
        if not self._low <= value <= self._high:
            raise argparse.ArgumentTypeError(f"{text!r} is not a number from {self._low} to {self._high}")
        return value
