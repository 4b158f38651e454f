"""Statements that a server refuses, each with a near miss that it accepts, and whether migsafe foretells both.

    python -m tests.truth.refusals [WORDS] [--url URL]      runs each on the server, prints what is not foretold

`kinds` makes those about names of every kind of object, `written.txt` holds the rest: one a line, its name, what is run
before, what fails, what works. The server is the oracle of both.
"""
