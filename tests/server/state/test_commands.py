"""How often a person is answered, and what a command has changed, outlive a job."""

from dataclasses import replace

from bot.review.remembered import KeptCommand, Turn
from bot.server.state.commands import CommandTable
from tests.support.states import stories_on

FIRST = KeptCommand(42, 5, "ada", "answer-issue-1", 1000.0)


run = stories_on(CommandTable)


def command(index: int, **values: object) -> KeptCommand:
    return replace(FIRST, marker=f"answer-issue-{index}", at=1000.0 + index, **values)  # type: ignore[arg-type]


def test_who_writes_too_much_is_told_once_and_then_not_answered(url: str) -> None:
    async def story(commands: CommandTable) -> None:
        turns = [(await commands.begin(command(number), 900.0, 3)).turn for number in range(6)]
        assert turns == [Turn.ANSWER] * 3 + [Turn.REFUSAL] + [Turn.SILENCE] * 2

    async def later(commands: CommandTable) -> None:
        assert (await commands.begin(command(6), 900.0, 3)).turn is Turn.SILENCE
        assert (await commands.begin(command(3), 900.0, 3)).turn is Turn.REFUSAL, "the same comment again"
        assert await commands.first_since(command(6), 900.0) == 1000.0
        assert (await commands.begin(command(7), 1000.5, 3)).turn is Turn.ANSWER, "the first is long ago"

    run(url, story, later)


def test_others_and_other_pull_requests_are_answered_meanwhile(url: str) -> None:
    async def story(commands: CommandTable) -> None:
        for number in range(4):
            await commands.begin(command(number), 900.0, 3)
        assert (await commands.begin(command(8, author="bob"), 900.0, 3)).turn is Turn.ANSWER
        assert (await commands.begin(command(9, number=6), 900.0, 3)).turn is Turn.ANSWER
        assert (await commands.begin(command(10, repository_id=43), 900.0, 3)).turn is Turn.ANSWER

    run(url, story)


def test_what_a_command_has_changed_is_known_when_it_is_tried_again(url: str) -> None:
    async def change(commands: CommandTable) -> None:
        assert await commands.begin(FIRST, 900.0, 3) == FIRST
        await commands.keep(replace(FIRST, said="Revoked."))

    async def again(commands: CommandTable) -> None:
        assert await commands.begin(replace(FIRST, at=2000.0), 1900.0, 3) == replace(FIRST, said="Revoked.")
        await commands.keep(replace(FIRST, said="Revoked.", answered=True))
        assert (await commands.begin(FIRST, 900.0, 3)).answered

    run(url, change, again)
