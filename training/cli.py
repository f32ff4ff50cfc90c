"""The program ``firstline``. It stands in the rightmost folder because it may use all the others."""

from __future__ import annotations

import sys
from typing import NoReturn

import typer
from typer.exceptions import TyperException

from data.errors import FirstlineError
from training.commands import (
    config,
    database,
    demo,
    evaluate,
    index,
    predict,
    registry,
    service,
    tickets,
    train,
)

app = typer.Typer(
    name="firstline",
    help="Autonomous customer support on your own machines: answers what it can prove, routes the rest.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(train.app, name="train")
app.add_typer(evaluate.app, name="evaluate")
app.add_typer(index.app, name="index")
app.add_typer(registry.app, name="registry")
app.add_typer(database.app, name="db")
app.add_typer(config.app, name="config")
app.command("demo")(demo.demo)
app.command("serve")(service.serve)
app.command("worker")(service.work)
app.command("predict")(predict.predict)
app.command("tickets")(tickets.show_tickets)


def main() -> None:
    """Runs the program; an error of ours, or a wrong argument, is one line and exit code 2."""
    try:
        code = app(standalone_mode=False)
    except FirstlineError as error:
        _stop(str(error))
    except OSError as error:
        _stop(f"{error.filename or 'a file'}: {error.strerror or error}")
    except TyperException as error:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "firstline"
        message = " ".join(error.format_message().split())
        if message:
            _stop(f"{message.rstrip('.')}. See '{command} --help'.")
        code = 2
    except (KeyboardInterrupt, typer.Abort):
        code = 130
    sys.exit(code if isinstance(code, int) else 0)


def _stop(message: str) -> NoReturn:
    print(f"firstline: {message}", file=sys.stderr)  # noqa: T201
    sys.exit(2)


if __name__ == "__main__":
    main()
