# SPDX-License-Identifier: Apache-2.0
"""`ros2 launch`."""

import os
import sys
from typing import Any

from ament_index_python.packages import get_package_share_directory
from launch.actions import IncludeLaunchDescription
from launch.entities import declared
from launch.launch_description_sources import AnyLaunchDescriptionSource
from launch.substitution import describe

from launch import LaunchService


def launch(
    package_name: str,
    launch_file_name: str = '',
    launch_arguments: list[str] = (),
    *,
    noninteractive: bool = not sys.stdin.isatty(),
    debug: bool = False,
    show_args: bool = False,
) -> int:
    """Run a launch file."""
    path, words = _find(package_name, launch_file_name, launch_arguments)
    source = AnyLaunchDescriptionSource(path)
    if show_args:
        return _show(source.get_launch_description(None))
    given = [_split(word) for word in words]
    service = LaunchService(noninteractive=noninteractive, debug=debug)
    service.include_launch_description(IncludeLaunchDescription(source, launch_arguments=given))
    return service.run()


def _find(first: str, second: str, words: list[str]) -> tuple[str, list[str]]:
    """Return the launch file's path and the launch arguments."""
    if os.path.isfile(first):
        return first, [*([second] if second else []), *words]
    if not second:
        raise RuntimeError('No launch file supplied')
    try:
        share = get_package_share_directory(first)
    except (LookupError, ValueError) as error:
        raise RuntimeError(f"Package '{first}' not found: {error}") from None
    found = [os.path.join(root, second) for root, _, files in os.walk(share) if second in files]
    if len(found) == 1:
        return found[0], words
    place = f"in the share directory of package '{first}'"
    if found:
        raise RuntimeError(f"file '{second}' was found more than once {place}: {found}")
    raise RuntimeError(f"file '{second}' was not found {place} which is at '{share}'")


def _split(word: str) -> tuple[str, str]:
    name, _, value = word.partition(':=')
    if not name or not value:
        expected = "expected format '<name>:=<value>'"
        raise RuntimeError(f"malformed launch argument '{word}', {expected}")
    return name, value


def _show(description: Any) -> int:
    print("Arguments (pass arguments as '<name>:=<value>'):")
    found = declared(description.entities)
    for item, conditional, _ in found:
        star = '*' if conditional else ''
        print(f"\n    '{item.name}':{star}\n        {item.description}")
        if item.default_value is not None:
            print(f'        (default: {describe(item.default_value)})')
    if any(conditional for _, conditional, _ in found):
        print('\n* argument(s) which are only used if specific conditions occur')
    if not found:
        print('\n  No arguments.')
    return 0
