"""The `cantho` command: every way to drive the warehouse from a shell, and what is printed about it.

Commands parse, call and print; the work is done by `orchestration.running`, `sources` and `warehouse`. A command is in
the module of its group. Heavy imports stay in the commands.
"""

import logging
import sys

import duckdb
import typer
from rich.logging import RichHandler

from orchestration.command import close, keep, look, people, quarantine, run, send
from orchestration.command.look import Interrupted
from orchestration.command.terminal import DIFFERS, err
from warehouse.zones.home import DamagedHome

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_show_locals=False, help="Can Tho poverty warehouse."
)
for module in (run, send, look, close, people, keep):
    app.add_typer(module.group)
app.add_typer(quarantine.group, name="quarantine")


def main() -> None:
    """Run the command line."""
    handler = RichHandler(console=err, show_path=False, show_level=False, log_time_format="%H:%M:%S")
    logging.getLogger("cantho").addHandler(handler)
    logging.getLogger("cantho").setLevel(logging.INFO)
    logging.getLogger("cantho").propagate = False
    try:
        app()
    except DamagedHome as damaged:
        err.print(str(damaged), style="red", highlight=False, markup=False, soft_wrap=True)
        sys.exit(DIFFERS)
    except PermissionError as refused:
        err.print(f"{refused.filename} is not yours to open. docs/access.md says who may.", style="red", markup=False)
        sys.exit(DIFFERS)
    except duckdb.Error as broken:
        # Of a database that cannot be opened: queries answer for themselves.
        err.print(
            f"{broken} Next: see who may open it (docs/access.md), or `cantho verify`.", style="red", markup=False
        )
        sys.exit(DIFFERS)
    except (KeyboardInterrupt, Interrupted):
        err.print(
            "Interrupted. What is published stands, and nothing is lost. Next: run the command again.", style="red"
        )
        sys.exit(DIFFERS)
