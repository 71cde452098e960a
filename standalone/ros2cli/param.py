# SPDX-License-Identifier: Apache-2.0
"""`ros2 param get`, `set` and `list`."""

from argparse import Namespace
import sys
from typing import Any

from rcl_interfaces.msg import Parameter
from rcl_interfaces.srv import GetParameters, ListParameters, SetParameters
from rclpy.parameter import get_parameter_value

from ros2cli.graph import call, node, node_names, until
from ros2cli.table import argument, flag, verb

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


def get(args: Namespace) -> str | None:
    """Get parameter."""
    request = GetParameters.Request(names=[args.parameter_name])
    values = _ask(args.node_name, GetParameters, 'get_parameters', request).values
    if not values:
        return 'Parameter not set'
    label, field = LABELS[values[0].type]
    value = getattr(values[0], field) if field else None
    print(value if args.hide_type else label if value is None else f'{label} {value}')
    return None


def set_parameter(args: Namespace) -> None:
    """Set parameter."""
    value = get_parameter_value(args.value)
    request = SetParameters.Request(parameters=[Parameter(name=args.parameter_name, value=value)])
    result = _ask(args.node_name, SetParameters, 'set_parameters', request).results[0]
    text = 'Set parameter successful' if result.successful else 'Setting parameter failed'
    reason = f': {result.reason}' if result.reason else ''
    print(text + reason, file=sys.stdout if result.successful else sys.stderr)


def list_parameters(args: Namespace) -> None:
    """Output a list of available parameters."""
    kind, service = ListParameters, 'list_parameters'
    if args.node_name:
        found = {'': _ask(args.node_name, kind, service, kind.Request())}
    else:
        with node() as own:
            found = {
                name: call(own, kind, f'{name}/{service}', kind.Request())
                for name in node_names(own, args.include_hidden_nodes)
                if f'{name}/{service}' in dict(own.get_service_names_and_types())
            }
    for name, response in found.items():
        names = [f'  {parameter}' for parameter in sorted(response.result.names)]
        print('\n'.join([f'{name}:', *names] if name else names))


def _ask(name: str, kind: Any, service: str, request: Any) -> Any:
    """Return what a node's parameter service answers."""
    full = name if name.startswith('/') else f'/{name}'
    with node() as own:
        place = f'{full}/{service}'
        if not until(lambda: place in dict(own.get_service_names_and_types())):
            raise RuntimeError('Node not found')
        return call(own, kind, place, request)


NODE = argument('node_name', 'Name of the ROS node')
NAME = argument('parameter_name', 'Name of the parameter')
VERBS = {
    'get': verb(get, NODE, NAME, flag('--hide-type', 'Hide the type information')),
    'list': verb(
        list_parameters,
        argument('node_name', 'Name of the ROS node', nargs='?'),
        flag('--include-hidden-nodes', 'Consider hidden nodes as well'),
    ),
    'set': verb(set_parameter, NODE, NAME, argument('value', 'Value of the parameter')),
}
