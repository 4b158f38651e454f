"""Why a command could not run; each message is one line that says what to do.

CannotRun               a command ends with this line and exit status 2
├── CannotCheck         the check could not run
├── NotExplained        a topic that is no rule, no lock mode and no SQL
└── DemoFailed          the demo stopped before its end
"""


class CannotRun(Exception):
    """Ends a command with one line that says what to do; exit status 2."""


class CannotCheck(CannotRun):
    """The check could not run."""


class NotExplained(CannotRun):
    """A topic that is no rule, no lock mode and no SQL; the message lists what can be explained."""


class DemoFailed(CannotRun):
    """The demo stopped before its end; the message says where."""
