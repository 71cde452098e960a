# SPDX-License-Identifier: Apache-2.0
"""Get parameter."""

from __future__ import annotations

import argparse

from rcl_interfaces.srv import GetParameters

from ros2cli.parameters import ask

LABELS = (
    ('Parameter not set.', None),
    ('Boolean value is:', 'bool_value'),
    ('Integer value is:', 'integer_value'),
    ('Double value is:', 'double_value'),
    ('String value is:', 'string_value'),
    ('Byte values are:', 'byte_array_value'),
    ('Boolean values are:', 'bool_array_value'),
    ('Integer values are:', 'integer_array_value'),
    ('Double values are:', 'double_array_value'),
    ('String values are:', 'string_array_value'),
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command line may hold."""
    parser.add_argument('node_name', help='Name of the ROS node')
    parser.add_argument('parameter_name', help='Name of the parameter')
    parser.add_argument('--hide-type', action='store_true', help='Hide the type information')


def main(args: argparse.Namespace) -> str | None:
    """Print it."""
    request = GetParameters.Request(names=[args.parameter_name])
    values = ask(args.node_name, GetParameters, 'get_parameters', request).values
    if not values:
        return 'Parameter not set'
    label, field = LABELS[values[0].type]
    value = getattr(values[0], field) if field else None
    print(value if args.hide_type else label if value is None else f'{label} {value}')
    return None
