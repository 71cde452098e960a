# SPDX-License-Identifier: Apache-2.0
"""Set parameter."""

from __future__ import annotations

import argparse
import sys

from rcl_interfaces.msg import Parameter
from rcl_interfaces.srv import SetParameters
from rclpy.parameter import get_parameter_value

from ros2cli.parameters import ask


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command line may hold."""
    parser.add_argument('node_name', help='Name of the ROS node')
    parser.add_argument('parameter_name', help='Name of the parameter')
    parser.add_argument('value', help='Value of the parameter')


def main(args: argparse.Namespace) -> None:
    """Set it and print what the node says."""
    value = get_parameter_value(args.value)
    request = SetParameters.Request(parameters=[Parameter(name=args.parameter_name, value=value)])
    result = ask(args.node_name, SetParameters, 'set_parameters', request).results[0]
    text = 'Set parameter successful' if result.successful else 'Setting parameter failed'
    reason = f': {result.reason}' if result.reason else ''
    print(text + reason, file=sys.stdout if result.successful else sys.stderr)
