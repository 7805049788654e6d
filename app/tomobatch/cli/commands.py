"""Subcommands, and where each is done: module and function."""

from __future__ import annotations

COMMANDS = {
    "list": ("tomobatch.cli.scans", "list_scans"),
    "remove": ("tomobatch.cli.remove", "remove_scans"),
    "demo": ("tomobatch.cli.scans", "make_demo"),
    "cor": ("tomobatch.cli.cor", "change_cors"),
    "run": ("tomobatch.cli.run", "run_scans"),
    "jobs": ("tomobatch.cli.jobs", "show_jobs"),
    "resume": ("tomobatch.cli.jobs", "resume_jobs"),
    "retry": ("tomobatch.cli.retry", "retry_jobs"),
    "pause": ("tomobatch.cli.jobs", "pause_queue"),
    "machines": ("tomobatch.cli.machines", "show_machines"),
    "move": ("tomobatch.cli.machines", "move_jobs"),
    "stop": ("tomobatch.cli.jobs", "stop_jobs"),
}
