"""A call is read as the SQL that Active Record sends for it."""

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from bot.core.judging.framework import Files, SourceFile
from bot.core.language import operations as op
from bot.frameworks.rails import FRAMEWORK
from bot.sql import read_script, write_statement


def _oracle() -> ModuleType:
    path = Path(__file__).parent / "migrations" / "oracle.py"
    spec = importlib.util.spec_from_file_location("rails_oracle", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CASES = _oracle().CASES


def said(operations: tuple[op.Operation, ...]) -> str:
    return " ".join(write_statement(operations).split())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.version} {case.ruby.splitlines()[0]}")
def test_reads_a_call_as_the_sql_that_active_record_sends(case: Any) -> None:
    body = "\n".join(f"    {line}" for line in case.ruby.split("\n"))
    text = f"class Change < ActiveRecord::Migration[{case.version}]\n  def up\n{body}\n  end\nend\n"
    run = FRAMEWORK.read(Files(changed=[SourceFile("db/migrate/20260516000000_change.rb", text)]))
    found = [said(statement.operations) for statement in run.statements]
    assert found == [said(statement.operations) for statement in read_script(case.sql).statements]
