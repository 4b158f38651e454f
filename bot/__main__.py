"""The `migsafe` command. Each subcommand imports what it needs when it runs, so that `check` starts quickly."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from bot import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.core.catalog import Catalog
    from bot.core.names import Name

app = App(
    name="migsafe",
    help="Reviews PostgreSQL migrations the way a DBA who knows production would.",
    version=__version__,
    result_action="return_value",
)
replica = App(name="replica", help="What migsafe knows of a database.")
app.command(replica)

_USAGE_ERROR = 2


class Stop(Exception):
    """Ends the command with one line that says what to do; exit status 2."""


@app.command
def check(
    *paths: Path,
    base: str | None = None,
    format: Literal["text", "json", "sarif", "github"] = "text",
    postgres: int | None = None,
    replica: str | None = None,
    catalog: Path | None = None,
    config: Path | None = None,
) -> int:
    """Analyse migration files or folders, or what changed since BASE.

    Exit status: 0 safe or attention, 1 blocked, 2 could not run.

    Parameters
    ----------
    paths
        Files (each one deploy) or folders (searched for migrations).
    base
        A git revision: all migrations changed since then are one deploy.
    format
        How the result is printed.
    postgres
        The major version to judge by where no replica says it.
    replica
        URL of a PostgreSQL server whose catalog is read (catalogs only, read-only).
    catalog
        A file that `migsafe replica export` wrote.
    config
        The configuration file; by default that of the files' repository.
    """
    from bot.check import CannotCheck, Request, run_check

    try:
        asked = Request(paths, base, format, postgres, replica, catalog, config)
        return run_check(asked, _snapshot, sys.stdout, sys.stderr)
    except CannotCheck as trouble:
        raise Stop(str(trouble)) from trouble


@app.command
def explain(*topic: Annotated[str, Parameter(allow_leading_hyphen=True)]) -> int:
    """Explain a rule, a lock mode, or a piece of SQL."""
    from bot.terminal import explain_topic

    print(explain_topic(" ".join(topic)))
    return 0


@app.command
def rules(*, format: Literal["text", "json"] = "text", write: bool = False) -> int:
    """List every rule; with --write, regenerate the rules reference in the checkout."""
    from bot.terminal import list_rules, write_reference

    if write:
        for path in write_reference():
            print(path)
        return 0
    print(list_rules(format))
    return 0


@replica.command
def export(*, replica: str) -> int:
    """Print the catalog snapshot of a database as JSON, for `migsafe check --catalog`."""
    from bot.check import CannotCheck, export_catalog

    try:
        print(export_catalog(replica, _snapshot))
    except CannotCheck as trouble:
        raise Stop(str(trouble)) from trouble
    return 0


@app.command
def serve(*, host: str | None = None, port: int | None = None, worker: bool = True) -> int:
    """Run the App: the web side and, unless --no-worker is given, the worker in the same process."""
    from bot.app import serve as run
    from bot.settings import SettingsError

    try:
        return run(host=host, port=port, worker=worker)
    except SettingsError as trouble:
        raise Stop(str(trouble)) from trouble


@app.command
def work() -> int:
    """Run a worker only; needs a MIGSAFE_STATE that the web side shares."""
    from bot.app import work as run
    from bot.settings import SettingsError

    try:
        return run()
    except SettingsError as trouble:
        raise Stop(str(trouble)) from trouble


@app.command
def setup(*, host: str = "127.0.0.1", port: int = 8000) -> int:
    """Register the GitHub App from its manifest: serves the set-up page until that is done."""
    from bot.app import setup as run

    return run(host=host, port=port)


@app.command
def doctor() -> int:
    """Say what is set up wrong, and how to mend it."""
    from bot.doctor import main as run

    return run()


@app.command
def demo() -> int:
    """Show the whole App on this machine: a real delivery, and the review it gets."""
    try:
        from bot.demo.show import main as run
    except ModuleNotFoundError as missing:
        raise Stop(f"the demo needs {missing.name}: install migsafe-bot[demo]") from missing
    return run()


def _snapshot(url: str, names: "Sequence[Name] | None", functions: "Sequence[Name] | None") -> "Catalog":
    from bot.replica import take_snapshot_now

    return take_snapshot_now(url, names, functions)


def main() -> None:
    """The console script: one line on stderr and status 2 for what cannot run; a traceback only with --debug."""
    arguments = sys.argv[1:]
    debug = "--debug" in arguments
    try:
        status = app([argument for argument in arguments if argument != "--debug"])
    except Stop as trouble:
        print(f"migsafe: {trouble}", file=sys.stderr)
        status = _USAGE_ERROR
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:
        status = 0
    except Exception as trouble:
        if debug:
            raise
        print(f"migsafe: {type(trouble).__name__}: {trouble} (--debug shows where)", file=sys.stderr)
        status = _USAGE_ERROR
    sys.exit(status if isinstance(status, int) else 0)


if __name__ == "__main__":
    main()
