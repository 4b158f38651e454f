"""What the models of the base branch show about columns that a migration removes."""

import pytest

from bot.core.judging.framework import Files, SourceFile
from bot.core.language.migrations import Run
from bot.frameworks.rails import FRAMEWORK
from bot.frameworks.rails.models import ignored_columns


def run_of(body: str) -> Run:
    text = f"class A < ActiveRecord::Migration[7.1]\n  def change\n    {body}\n  end\nend\n"
    return FRAMEWORK.read(Files(changed=[SourceFile("db/migrate/20260516000000_a.rb", text)]))


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("class User < ApplicationRecord\n  self.ignored_columns = %w[plan]\nend\n", {("users", "plan"): 2}),
        (
            "class User < ApplicationRecord\n  self.ignored_columns += [:plan, 'age']\nend\n",
            {("users", "plan"): 2, ("users", "age"): 2},
        ),
        (
            "class A < Base\n  self.table_name = 'app.folk'\n  self.ignored_columns = ['plan'].freeze\nend\n",
            {("folk", "plan"): 3},
        ),
        ("class User < ApplicationRecord\n  ignore_column :plan, remove_with: '17.0'\nend\n", {("users", "plan"): 2}),
        ("class User < Base\n  OLD = %w[plan]\n  self.ignored_columns = OLD\nend\n", {("users", "plan"): 3}),
        ("class User < ApplicationRecord\nend\n", {}),
        ("class User < ", {}),
    ],
    ids=["assigned", "added", "named-table", "gitlab", "constant", "none", "broken"],
)
def test_knows_the_columns_that_a_model_ignores(model: str, expected: dict[tuple[str, str], int]) -> None:
    path = "app/models/user.rb"
    assert ignored_columns({path: model}) == {key: f"{path} line {line}" for key, line in expected.items()}


def test_knows_a_model_in_a_module_by_either_name_of_its_table() -> None:
    model = "module Admin\n  class Role < ApplicationRecord\n    self.ignored_columns = [:plan]\n  end\nend\n"
    assert set(ignored_columns({"app/models/admin/role.rb": model})) == {("admin_roles", "plan"), ("roles", "plan")}


def test_wants_models_only_where_something_is_removed() -> None:
    assert not FRAMEWORK.wants_evidence(run_of("add_column :users, :plan, :string"))
    wants = FRAMEWORK.wants_evidence(run_of("remove_column :users, :plan"))
    assert [want.pattern for want in wants] == ["app/models/**/*.rb"]


def test_finds_where_a_model_still_names_a_dropped_column() -> None:
    model = "class User < ApplicationRecord\n  # plan: string\n  validates :plan, presence: true\nend\n"
    found = FRAMEWORK.evidence(run_of("remove_column :users, :plan"), {"app/models/user.rb": model})
    assert found.references == {("users", "plan"): ("app/models/user.rb line 3",)}


def test_finds_the_model_of_a_dropped_table() -> None:
    model = "class User < ApplicationRecord\nend\n"
    found = FRAMEWORK.evidence(run_of("drop_table :users"), {"app/models/user.rb": model})
    assert found.references == {("users", None): ("app/models/user.rb line 1",)}


def test_does_not_count_an_ignored_column_as_used() -> None:
    model = "class User < ApplicationRecord\n  self.ignored_columns = [:plan]\nend\n"
    found = FRAMEWORK.evidence(run_of("remove_column :users, :plan"), {"app/models/user.rb": model})
    assert not found.references
    assert found.ignored_columns == {("users", "plan"): "app/models/user.rb line 2"}
