"""Compiles the byte code of the package when it is installed, also from a checkout: the first check is fast, too."""

import compileall
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileHook(BuildHookInterface):
    """Python itself writes nothing where PYTHONDONTWRITEBYTECODE is set, and recompiles a file that was changed."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        compileall.compile_dir(Path(self.root, "bot"), quiet=2, workers=1)
