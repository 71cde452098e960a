# SPDX-License-Identifier: Apache-2.0
"""`ros2 launch`."""

import os
import sys
from typing import Any

from ament_index_python.packages import get_package_share_directory


def launch(
    package_name: str,
    launch_file_name: str = '',
    launch_arguments: list[str] = (),
    *,
    noninteractive: bool = not sys.stdin.isatty(),
    debug: bool = False,
    show_args: bool = False,
    show_all_subprocesses_output: bool = False,
) -> int:
    """Run a launch file.

    package_name: Name of the ROS package which contains the launch file
    launch_file_name: Name of the launch file
    launch_arguments: Arguments to the launch file; '<name>:=<value>' (the last of a name wins)
    noninteractive: Run the launch system non-interactively, with no terminal associated
    debug: Put the launch system in debug mode, provides more verbose output.
    show_args: Show arguments that may be given to the launch file.
    show_all_subprocesses_output: Show all launched subprocesses' output
    """
    from launch.actions import IncludeLaunchDescription
    from launch.launch_description_sources import AnyLaunchDescriptionSource

    from launch import LaunchDescription, LaunchService

    path, words = _find(package_name, launch_file_name, launch_arguments)
    source = AnyLaunchDescriptionSource(path)
    if show_args:
        return _show(source.get_launch_description(None))
    if show_all_subprocesses_output:
        os.environ['OVERRIDE_LAUNCH_PROCESS_OUTPUT'] = 'both'
    given = _parse(words)
    service = LaunchService(noninteractive=noninteractive, debug=debug)
    service.include_launch_description(
        LaunchDescription([IncludeLaunchDescription(source, launch_arguments=given.items())])
    )
    return service.run()


def _find(first: str, second: str, words: list[str]) -> tuple[str, list[str]]:
    """Return the launch file's path and the launch arguments."""
    try:
        share = get_package_share_directory(first) if second else None
    except (LookupError, ValueError) as error:
        share = None
        if not os.path.exists(first):
            raise RuntimeError(f"Package '{first}' not found: {error}") from None
    if share is None:
        if not os.path.exists(first):
            raise RuntimeError('No launch file supplied')
        return first, [*([second] if second else []), *words]
    found = [os.path.join(root, second) for root, _, files in os.walk(share) if second in files]
    if len(found) == 1:
        return found[0], words
    place = f"in the share directory of package '{first}'"
    paths = ', '.join(f"'{path}'" for path in found)
    raise RuntimeError(
        f"file '{second}' was found more than once {place}: [{paths}]"
        if found
        else f"file '{second}' was not found {place} which is at '{share}'"
    )


def _parse(words: list[str]) -> dict[str, str]:
    given = {}
    for word in words:
        name, _, value = word.partition(':=')
        if not name or not value:
            raise RuntimeError(
                f"malformed launch argument '{word}', expected format '<name>:=<value>'"
            )
        given[name] = value
    return given


def _show(description: Any) -> int:
    from launch.description import declared
    from launch.substitutions import describe

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


VERBS = launch
