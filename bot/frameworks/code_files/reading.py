"""Files of code as one deploy: what each sends becomes its statements, each with its transaction."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field

from bot.core.judging.framework import SourceFile
from bot.core.language.migrations import Migration, Run, Statement
from bot.core.record import record
from bot.frameworks.statements.allow import CommentLines, blank_lines, read_allows
from bot.frameworks.statements.sending import Sender, Sent
from bot.frameworks.statements.transactions import Transactions, Wrapper

LARGEST = 4 << 20
"""The longest file that is followed, in characters."""


class NotFollowed(Exception):
    """It is not known what the file sends; the message says why."""


@record
class CodeFile:
    """One file as its framework sees it.

    `follow` returns what the file sends, in order; it raises NotFollowed where the whole file cannot be read.
    `wrapper` is the transaction around it; `joins`: it continues in what the file before left open.
    `transactional` None: by what its statements run in.
    """

    source: SourceFile
    version: str
    follow: Callable[[SourceFile], Sequence[Sent]]
    comments: Sequence[CommentLines] = ()
    wrapper: Wrapper | None = None
    joins: bool = False
    transactional: bool | None = None
    settings: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def read_run(framework: str, files: Iterable[CodeFile]) -> Run:
    """The files, in the order of their application. Never raises: a file that is not followed becomes one `Unread`."""
    transactions = Transactions()
    migrations = [_migration(framework, file, transactions) for file in files]
    return Run(tuple(migrations), transactions.used)


def _migration(framework: str, file: CodeFile, transactions: Transactions) -> Migration:
    source = file.source
    if file.joins:
        transactions.join(file.wrapper)
    else:
        transactions.wrap(file.wrapper)
    statements = _statements(file, Sender.of(source, transactions))
    return Migration(
        path=source.path,
        framework=framework,
        version=file.version,
        transactional=_together(statements) if file.transactional is None else file.transactional,
        statements=statements,
        text=source.text,
        allows=read_allows(file.comments, statements, blank_lines(source.text)),
        settings=file.settings,
        notes=file.notes,
        joins=file.joins,
    )


def _statements(file: CodeFile, sender: Sender) -> tuple[Statement, ...]:
    """The statements, or one `Unread` for the whole file: no file affects the others."""
    if len(file.source.text) > LARGEST:
        return (sender.whole_file("the file is too large to be followed"),)
    try:
        sent = file.follow(file.source)
    except NotFollowed as trouble:
        return (sender.whole_file(str(trouble)),)
    except (RecursionError, MemoryError):
        return (sender.whole_file("the file is nested too deeply to follow"),)
    except Exception as trouble:
        reason = f"the file could not be followed ({type(trouble).__name__} in migsafe; please report it)"
        return (sender.whole_file(reason),)
    return tuple(statement for one in sent for statement in sender.send(one))


def _together(statements: Sequence[Statement]) -> bool | None:
    """Whether all run in a transaction; None where only some do."""
    alone = [statement.transaction is None for statement in statements]
    return False if alone and all(alone) else None if any(alone) else True
