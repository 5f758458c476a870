"""The `cantho` command: every way to drive the warehouse from a shell, and what is printed about it.

Commands parse, call and print; the work is done by `orchestration.running`, `sources` and `warehouse`. A command is in
the module of its group. Heavy imports stay in the commands.
"""

import logging
import sys
from importlib.metadata import version
from typing import Annotated

import duckdb
import typer
from rich.logging import RichHandler

from orchestration.command import close, keep, look, people, quarantine, run, send
from orchestration.command.look import Interrupted
from orchestration.command.terminal import DIFFERS, err
from warehouse.zones.home import DamagedHome

# Commands stand in the help under the question that brings somebody to them.
GROUPS = {
    "Run: bring deliveries in": run,
    "Send: before a file is sent": send,
    "Look: what is published": look,
    "Close: months and issues": close,
    "People: who may know them": people,
    "Keep: versions, archive, proof": keep,
}
app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Can Tho poverty warehouse.",
)
for panel, module in GROUPS.items():
    for command in module.group.registered_commands:
        command.rich_help_panel = panel
    app.add_typer(module.group)
app.add_typer(quarantine.group, name="quarantine", rich_help_panel="Send: before a file is sent")


def _say_version(asked: bool) -> None:
    if asked:
        typer.echo(f"cantho {version('cantho-warehouse')}")
        raise typer.Exit


@app.callback()
def _options(
    _: Annotated[
        bool, typer.Option("--version", callback=_say_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None:
    pass


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
