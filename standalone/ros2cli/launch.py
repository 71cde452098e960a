# SPDX-License-Identifier: Apache-2.0
"""`ros2 launch`."""

from argparse import Namespace
import os
import sys
from typing import Any

from ament_index_python.packages import get_package_share_directory

from ros2cli.table import argument, flag, verb


def main(args: Namespace) -> int:
    """Run a launch file."""
    from launch import LaunchDescription, LaunchService
    from launch.actions import IncludeLaunchDescription
    from launch.launch_description_sources import AnyLaunchDescriptionSource

    path, words = _find(args)
    source = AnyLaunchDescriptionSource(path)
    if args.show_args:
        return _show(source.get_launch_description(None))
    if args.show_all_subprocesses_output:
        os.environ['OVERRIDE_LAUNCH_PROCESS_OUTPUT'] = 'both'
    given = _parse(words)
    service = LaunchService(noninteractive=args.noninteractive, debug=args.debug)
    service.include_launch_description(
        LaunchDescription([IncludeLaunchDescription(source, launch_arguments=given.items())])
    )
    return service.run()


def _find(args: Namespace) -> tuple[str, list[str]]:
    """Return the launch file's path and the launch arguments."""
    first, second = args.package_name, args.launch_file_name
    try:
        share = get_package_share_directory(first) if second else None
    except (LookupError, ValueError) as error:
        share = None
        if not os.path.exists(first):
            raise RuntimeError(f"Package '{first}' not found: {error}") from None
    if share is None:
        if not os.path.exists(first):
            raise RuntimeError('No launch file supplied')
        return first, [*([second] if second else []), *args.launch_arguments]
    found = [os.path.join(root, second) for root, _, files in os.walk(share) if second in files]
    if len(found) == 1:
        return found[0], args.launch_arguments
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


VERBS = verb(
    main,
    argument(
        '-n', '--noninteractive', 'Run the launch system non-interactively',
        default=not sys.stdin.isatty(), action='store_true',
    ),
    flag('-d', '--debug', 'Put the launch system in debug mode'),
    flag('-s', '--show-args', '--show-arguments', 'Show arguments of the launch file.'),
    flag('-a', '--show-all-subprocesses-output', "Show all launched subprocesses' output"),
    argument('package_name', 'Name of the ROS package which contains the launch file'),
    argument('launch_file_name', 'Name of the launch file', nargs='?'),
    argument('launch_arguments', "Arguments to the launch file; '<name>:=<value>'", nargs='*'),
)  # fmt: skip
