# SPDX-License-Identifier: Apache-2.0
"""`ros2 param get`, `set` and `list`."""

import sys
from typing import Any

from rcl_interfaces.msg import Parameter
from rcl_interfaces.srv import GetParameters, ListParameters, SetParameters
from rclpy.parameter import get_parameter_value

from ros2cli.graph import call, node, node_names, ready_client, until

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


def get(node_name: str, parameter_name: str, *, hide_type: bool = False) -> str | None:
    """Get parameter.

    node_name: Name of the ROS node
    parameter_name: Name of the parameter
    hide_type: Hide the type information
    """
    request = GetParameters.Request(names=[parameter_name])
    values = _ask(node_name, GetParameters, 'get_parameters', request).values
    if not values:
        return 'Parameter not set'
    label, field = LABELS[values[0].type]
    value = getattr(values[0], field) if field else None
    print(value if hide_type else label if value is None else f'{label} {value}')
    return None


def set_parameter(node_name: str, parameter_name: str, value: str) -> None:
    """Set parameter.

    node_name: Name of the ROS node
    parameter_name: Name of the parameter
    value: Value of the parameter
    """
    parameter = Parameter(name=parameter_name, value=get_parameter_value(value))
    request = SetParameters.Request(parameters=[parameter])
    result = _ask(node_name, SetParameters, 'set_parameters', request).results[0]
    text = 'Set parameter successful' if result.successful else 'Setting parameter failed'
    reason = f': {result.reason}' if result.reason else ''
    print(text + reason, file=sys.stdout if result.successful else sys.stderr)


def list_parameters(node_name: str = '', *, include_hidden_nodes: bool = False) -> None:
    """Output a list of available parameters.

    node_name: Name of the ROS node
    include_hidden_nodes: Consider hidden nodes as well
    """
    kind, service = ListParameters, 'list_parameters'
    if node_name:
        found = {'': _ask(node_name, kind, service, kind.Request())}
    else:
        with node() as own:
            found = {
                name: call(own, ready_client(own, kind, f'{name}/{service}'), kind.Request())
                for name in node_names(own, include_hidden_nodes)
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
        return call(own, ready_client(own, kind, place), request)


VERBS = {'get': get, 'list': list_parameters, 'set': set_parameter}
