"""Who did what, as the stand-in says it: the accounts of commits, the roles of people, the rules of branches."""

import pytest

from tests.support.at_github import LINES, MIGRATION, called

pytestmark = pytest.mark.anyio


async def test_each_commit_of_a_file_names_the_accounts_that_github_finds() -> None:
    async with called() as at:
        pull = at.github.open_pull_request(at.repository, {MIGRATION: LINES}, author="ada")
        at.github.push(pull, {"README.md": "# Other\n"}, author="bob")
        at.github.push(pull, {MIGRATION: "select 1;\n"}, author="mia", committer="web-flow")
        at.github.push(pull, {MIGRATION: "select 2;\n"}, author="ada", named=False)
        listed = await at.get(f"/commits?sha={pull.head_sha}&path={MIGRATION}")
        people = [tuple(each[role] and each[role]["login"] for role in ("author", "committer")) for each in listed]
        assert people == [(None, None), ("mia", "web-flow"), ("ada", "ada")]
        assert listed[0]["commit"]["author"]["name"] == "ada"
        own = await at.get("/pulls/1/commits")
        assert [each["author"] and each["author"]["login"] for each in own] == ["ada", "bob", "mia", None]


async def test_a_role_is_shown_by_its_name_and_by_what_it_may() -> None:
    async with called() as at:
        for login, role in {"mo": "maintain", "cy": "custom:triage"}.items():
            at.github.add_collaborator(at.repository, login, role)
        found = {login: await at.get(f"/collaborators/{login}/permission") for login in ("mo", "cy")}
        assert (found["mo"]["permission"], found["mo"]["role_name"]) == ("write", "maintain")
        assert found["mo"]["user"]["permissions"]["maintain"]
        assert (found["cy"]["permission"], found["cy"]["role_name"]) == ("read", "custom")
        assert not found["cy"]["user"]["permissions"]["push"]


async def test_a_required_check_stands_in_the_rules_of_its_branch_only() -> None:
    async with called() as at:
        at.github.require_check(at.repository)
        [rule] = await at.get("/rules/branches/main")
        assert rule["parameters"]["required_status_checks"] == [
            {"context": "migsafe", "integration_id": at.github.app_id}
        ]
        assert await at.get("/rules/branches/other") == []
