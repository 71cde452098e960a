# SPDX-License-Identifier: Apache-2.0
"""Where an included launch description comes from."""

import importlib.machinery
import importlib.util
import os
from typing import Any

from launch.description import LaunchDescription
from launch.substitutions import normalize, perform


class PythonLaunchDescriptionSource:
    """A Python file with `generate_launch_description()`."""

    def __init__(self, launch_file_path: Any) -> None:
        self._path = normalize(launch_file_path)
        self._loaded: LaunchDescription | None = None

    def get_launch_description(self, context: Any) -> LaunchDescription:
        if self._loaded is None:
            self._loaded = load(os.path.abspath(perform(context, self._path)))
        return self._loaded


class AnyLaunchDescriptionSource(PythonLaunchDescriptionSource):
    """A launch file of any format; only Python ones are known here."""

    def get_launch_description(self, context: Any) -> LaunchDescription:
        try:
            return super().get_launch_description(context)
        except Exception as error:
            raise RuntimeError(
                'Caught multiple exceptions when trying to load file of format [py]:\n'
                f' - {type(error).__name__}: {error}\n'
                ' - InvalidFrontendLaunchFileError: The launch file may have a syntax error,'
                ' or its format is unknown'
            ) from error


class InvalidPythonLaunchFileError(RuntimeError):
    """A launch file gives no launch description."""


def load(path: str) -> LaunchDescription:
    """Run a launch file and return its description."""
    loader = importlib.machinery.SourceFileLoader('python_launch_file', path)
    module = importlib.util.module_from_spec(
        importlib.util.spec_from_loader(loader.name, loader)  # type: ignore[arg-type]
    )
    loader.exec_module(module)
    if not hasattr(module, 'generate_launch_description'):
        raise InvalidPythonLaunchFileError(
            f"launch file at '{path}' does not contain the required function "
            "'generate_launch_description()'"
        )
    return module.generate_launch_description()
