# SPDX-License-Identifier: Apache-2.0
"""Where an included launch description comes from."""

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
import os
from typing import Any

from launch.entities import LaunchDescription
from launch.substitution import describe, normalize, perform


class InvalidPythonLaunchFileError(RuntimeError):
    """A launch file gives no launch description."""


class PythonLaunchDescriptionSource:
    """A Python file with `generate_launch_description()`."""

    def __init__(self, launch_file_path: Any) -> None:
        self._path = normalize(launch_file_path)
        self._loaded: LaunchDescription | None = None
        self.location = describe(self._path)  # the path, once it was expanded

    def get_launch_description(self, context: Any) -> LaunchDescription:
        self.location = perform(context, self._path)
        self._loaded = self._loaded or _load(os.path.abspath(self.location))
        return self._loaded


class AnyLaunchDescriptionSource(PythonLaunchDescriptionSource):
    """A launch file of any format; only Python ones are known here."""

    def get_launch_description(self, context: Any) -> LaunchDescription:
        try:
            return super().get_launch_description(context)
        except Exception as error:
            raise RuntimeError(
                'Caught multiple exceptions when trying to load file of format [py]:\n'
                f' - {type(error).__name__}: {error}\n - InvalidFrontendLaunchFileError: '
                'The launch file may have a syntax error, or its format is unknown'
            ) from error


def _load(path: str) -> LaunchDescription:
    loader = SourceFileLoader('python_launch_file', path)
    module = module_from_spec(spec_from_file_location(loader.name, path, loader=loader))
    loader.exec_module(module)
    if not hasattr(module, 'generate_launch_description'):
        raise InvalidPythonLaunchFileError(
            f"launch file at '{path}' does not contain the required function "
            "'generate_launch_description()'"
        )
    return module.generate_launch_description()
