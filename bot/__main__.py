"""The `migsafe` command. Each subcommand imports what it needs when it runs, so that `check` starts quickly."""

import gc
import os
import sys
from argparse import REMAINDER, ArgumentParser, BooleanOptionalAction, Namespace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from bot import __version__
from bot.cli.errors import CannotRun

if TYPE_CHECKING:
    from argparse import _SubParsersAction
    from collections.abc import Callable

    from bot.core.schema.asked import Asked
    from bot.core.schema.catalog import Catalog

_USAGE_ERROR = 2


def check(options: Namespace) -> int:
    """Analyse migration files or folders, or what changed since a git revision.

    Exit status: 0 safe or attention, 1 blocked, 2 could not run, or a file took longer than 60 s or more than 1 GB.
    """
    # What is imported stays: looking through it for garbage as often as usual is a twentieth of a small check.
    gc.set_threshold(100_000, 50, 100)
    from bot.cli.check import Request, run_check

    request = Request(
        options.paths, options.base, options.format, options.postgres, options.replica, options.catalog, options.config
    )
    return run_check(request, _snapshot, sys.stdout, sys.stderr)


def explain(options: Namespace) -> int:
    """Explain a rule, a lock mode, or a piece of SQL."""
    from bot.cli.terminal import explain_topic

    print(explain_topic(" ".join(options.topic)))
    return 0


def rules(options: Namespace) -> int:
    """List every rule."""
    from bot.cli.terminal import list_rules, write_reference

    if options.write:
        for path in write_reference():
            print(path)
        return 0
    print(list_rules(options.format))
    return 0


def export(options: Namespace) -> int:
    """Print the catalog snapshot of a database as JSON, for `migsafe check --catalog`."""
    from bot.cli.check import export_catalog

    print(export_catalog(options.replica, _snapshot))
    return 0


def check_config(options: Namespace) -> int:
    """Say whether the repository's configuration can be read. Exit status: 0 valid, 1 not, 2 could not run."""
    from bot.cli.config import check_configuration

    return check_configuration(options.file, sys.stdout)


def serve(options: Namespace) -> int:
    """Run the App: the web side and, unless --no-worker is given, the worker in the same process."""
    from bot.app import serve as run
    from bot.runtime.settings import SettingsError

    try:
        return run(host=options.host, port=options.port, worker=options.worker)
    except SettingsError as trouble:
        raise CannotRun(str(trouble)) from trouble


def work(_: Namespace) -> int:
    """Run a worker only; needs a MIGSAFE_STATE that the web side shares."""
    from bot.app import work as run
    from bot.runtime.settings import SettingsError

    try:
        return run()
    except SettingsError as trouble:
        raise CannotRun(str(trouble)) from trouble


def setup(options: Namespace) -> int:
    """Register the GitHub App from its manifest: serves the set-up page until that is done."""
    from bot.app import setup as run

    return run(host=options.host, port=options.port)


def doctor(_: Namespace) -> int:
    """Say what is set up wrong, and how to fix it."""
    from bot.cli.doctor import main as run

    return run()


def demo(_: Namespace) -> int:
    """Show the whole App on this machine: a real delivery, and the review it gets."""
    try:
        from bot.cli.demo import main as run
    except ModuleNotFoundError as missing:
        raise CannotRun(f"the demo needs {missing.name}: install migsafe-bot[demo]") from missing
    return run()


def _snapshot(url: str, asked: "Asked") -> "Catalog":
    from bot.replica.snapshot import take_snapshot_now

    return take_snapshot_now(url, asked)


class _Parser(ArgumentParser):
    """Raises CannotRun, for one line on stderr, if it does not understand the arguments."""

    def error(self, message: str) -> NoReturn:  # pyrefly: ignore[missing-override-decorator]
        raise CannotRun(f"{message} (see {self.prog} --help)")


def parser() -> ArgumentParser:
    """The command line: every subcommand with its options."""
    top = _Parser(
        prog="migsafe",
        description="Reviews PostgreSQL migrations the way a DBA who knows production would.",
        epilog="--debug, with any command, shows a traceback for what failed.",
        allow_abbrev=False,
    )
    top.add_argument("--version", action="version", version=__version__)
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)

    checks = _command(commands, check)
    checks.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="files (each one deploy) or folders (searched for migrations); by default this folder",
    )
    checks.add_argument("--base", metavar="REF", help="all migrations changed since this git revision are one deploy")
    forms = ("text", "json", "sarif", "github")
    checks.add_argument("--format", choices=forms, default="text", help="how the result is printed")
    checks.add_argument("--postgres", type=int, metavar="N", help="the major version, where no replica says it")
    checks.add_argument("--replica", metavar="URL", help="a PostgreSQL server whose catalogs are read, read-only")
    checks.add_argument("--catalog", type=Path, metavar="FILE", help="the output of migsafe replica export")
    checks.add_argument("--config", type=Path, metavar="FILE", help="by default that of the files' repository")

    topics = _command(commands, explain)
    topics.add_argument("topic", nargs=REMAINDER, metavar="TOPIC", help="a rule, a lock mode, or SQL")

    listed = _command(commands, rules)
    listed.add_argument("--format", choices=("text", "json"), default="text", help="how they are printed")
    listed.add_argument("--write", action="store_true", help="regenerate the rules reference in the checkout")

    known = commands.add_parser("replica", help="What migsafe knows of a database.", allow_abbrev=False)
    exports = _command(known.add_subparsers(title="commands", metavar="COMMAND", required=True), export)
    exports.add_argument("--replica", required=True, metavar="URL", help="the PostgreSQL server to read")

    configured = commands.add_parser("config", help="A repository's configuration.", allow_abbrev=False)
    within = configured.add_subparsers(title="commands", metavar="COMMAND", required=True)
    validates = _command(within, check_config, "check")
    validates.add_argument("file", nargs="?", type=Path, metavar="FILE", help="by default that of this repository")

    serves = _command(commands, serve)
    serves.add_argument("--host", help="the address to listen on; by default HOST, else 127.0.0.1")
    serves.add_argument("--port", type=int, help="by default PORT, else 8000")
    serves.add_argument("--worker", action=BooleanOptionalAction, default=True, help="run the worker here, too")

    _command(commands, work)
    sets = _command(commands, setup)
    sets.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    sets.add_argument("--port", type=int, default=8000, help="the port to listen on")
    _command(commands, doctor)
    _command(commands, demo)
    return top


def _command(
    commands: "_SubParsersAction[_Parser]", run: "Callable[[Namespace], int]", name: str = ""
) -> ArgumentParser:
    """Adds the subcommand, with the function's name if no other is given; its help is the function's docstring."""
    text = (run.__doc__ or "").replace("`", "")
    lines = [line.strip() for line in text.strip().splitlines()]
    command = commands.add_parser(name or run.__name__, help=lines[0], description=" ".join(lines), allow_abbrev=False)
    command.set_defaults(run=run)
    return command


def _complain(text: str) -> None:
    """Prints it on stderr without control characters: names of files, and their contents, may hold any."""
    from bot.report.markdown import clean

    print(clean(text).rstrip(), file=sys.stderr)


def main() -> None:
    """The console script: a failure is one line on stderr and status 2; a traceback only with --debug."""
    arguments = sys.argv[1:]
    debug = "--debug" in arguments
    try:
        options = parser().parse_args([argument for argument in arguments if argument != "--debug"] or ["--help"])
        status = options.run(options)
    except CannotRun as trouble:
        _complain(f"migsafe: {' '.join(str(trouble).split())}")
        status = _USAGE_ERROR
    except KeyboardInterrupt:
        status = 130
    except BrokenPipeError:
        # Nobody reads any more; Python must not try to write the buffered rest at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    except Exception as trouble:
        from traceback import format_exc

        _complain(format_exc() if debug else f"migsafe: {type(trouble).__name__}: {trouble} (--debug shows where)")
        status = _USAGE_ERROR
    sys.exit(status)


if __name__ == "__main__":
    main()
