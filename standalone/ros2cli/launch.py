# SPDX-License-Identifier: Apache-2.0
"""Run a launch file."""

from __future__ import annotations

import argparse
import os
import sys

from ament_index_python.packages import (
    PackageNotFoundError,
    get_package_prefix,
    get_package_share_directory,
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command line may hold."""
    flag = parser.add_argument
    flag(
        '-n', '--noninteractive', default=not sys.stdin.isatty(), action='store_true',
        help='Run the launch system non-interactively, with no terminal associated',
    )  # fmt: skip
    flag(
        '-d', '--debug', action='store_true',
        help='Put the launch system in debug mode, provides more verbose output.',
    )  # fmt: skip
    flag(
        '-s', '--show-args', '--show-arguments', action='store_true',
        help='Show arguments that may be given to the launch file.',
    )  # fmt: skip
    flag(
        '-a', '--show-all-subprocesses-output', action='store_true',
        help="Show all launched subprocesses' output by overriding their output configuration "
        'using the OVERRIDE_LAUNCH_PROCESS_OUTPUT envvar.',
    )  # fmt: skip
    flag('package_name', help='Name of the ROS package which contains the launch file')
    flag('launch_file_name', nargs='?', help='Name of the launch file')
    flag(
        'launch_arguments', nargs='*',
        help="Arguments to the launch file; '<name>:=<value>' (for duplicates, last one wins)",
    )  # fmt: skip


def main(args: argparse.Namespace) -> int:
    """Run it, or show its arguments."""
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
    service = LaunchService(argv=words, noninteractive=args.noninteractive, debug=args.debug)
    service.include_launch_description(
        LaunchDescription([IncludeLaunchDescription(source, launch_arguments=given.items())])
    )
    return service.run()


def _find(args: argparse.Namespace) -> tuple[str, list[str]]:
    """Return the launch file's path and the launch arguments."""
    first, second = args.package_name, args.launch_file_name
    try:
        single = second is None or not get_package_prefix(first)
    except (PackageNotFoundError, ValueError):
        single = os.path.exists(first)
    if single:
        if not os.path.exists(first):
            raise RuntimeError('No launch file supplied')
        return first, [*([second] if second else []), *args.launch_arguments]
    try:
        share = get_package_share_directory(first)
    except PackageNotFoundError as error:
        raise RuntimeError(f"Package '{first}' not found: {error}") from None
    found = [os.path.join(root, second) for root, _, files in os.walk(share) if second in files]
    if not found:
        raise RuntimeError(
            f"file '{second}' was not found in the share directory of package '{first}' "
            f"which is at '{share}'"
        )
    if len(found) > 1:
        paths = ', '.join(f"'{path}'" for path in found)
        raise RuntimeError(
            f"file '{second}' was found more than once in the share directory of package "
            f"'{first}': [{paths}]"
        )
    return found[0], args.launch_arguments


def _parse(words: list[str]) -> dict[str, str]:
    given = {}
    for word in words:
        name, sign, value = word.partition(':=')
        if not sign or not name or not value:
            raise RuntimeError(
                f"malformed launch argument '{word}', expected format '<name>:=<value>'"
            )
        given[name] = value
    return given


def _show(description: object) -> int:
    from launch.actions.arguments import show

    print("Arguments (pass arguments as '<name>:=<value>'):")
    arguments = description.get_launch_arguments()
    for argument in arguments:
        print(show(argument))
    if any(argument.conditionally_included for argument in arguments):
        print('\n* argument(s) which are only used if specific conditions occur')
    if not arguments:
        print('\n  No arguments.')
    return 0
