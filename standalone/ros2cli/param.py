# SPDX-License-Identifier: Apache-2.0
"""`ros2 param get`, `set` and `list`."""

import sys
from typing import Any

from rcl_interfaces.msg import Parameter as ParameterMessage
from rclpy.node import Node
from rclpy.parameter import Parameter, get_parameter_value
from rclpy.parameter_client import AsyncParameterClient

from ros2cli.graph import DISCOVERY, answer, node, node_names


def get_(node_name: str, parameter_name: str) -> str | None:
    """Get parameter."""
    with node() as own:
        values = _asked(own, node_name, 'get_parameters', [parameter_name]).values
    if not values:
        return 'Parameter not set'
    kind = Parameter.Type(values[0].type).name
    if kind == 'NOT_SET':
        print('Parameter not set.')
        return None
    word = kind.removesuffix('_ARRAY').replace('BOOL', 'BOOLEAN').capitalize()
    label = f'{word} values are:' if kind.endswith('_ARRAY') else f'{word} value is:'
    print(label, getattr(values[0], f'{kind.lower()}_value'))
    return None


def set_(node_name: str, parameter_name: str, value: str) -> None:
    """Set parameter."""
    wanted = ParameterMessage(name=parameter_name, value=get_parameter_value(value))
    with node() as own:
        [result] = _asked(own, node_name, 'set_parameters', [wanted]).results
    text = 'Set parameter successful' if result.successful else 'Setting parameter failed'
    reason = f': {result.reason}' if result.reason else ''
    print(text + reason, file=sys.stdout if result.successful else sys.stderr)


def list_(node_name: str = '') -> None:
    """Output a list of available parameters."""
    with node() as own:
        for name in [node_name] if node_name else node_names(own):
            if not node_name and f'{name}/list_parameters' not in _services(own):
                continue
            names = _asked(own, name, 'list_parameters', []).result.names
            print(
                '\n'.join(
                    [*([] if node_name else [f'{name}:']), *(f'  {n}' for n in sorted(names))]
                )
            )


def _services(own: Node) -> dict[str, Any]:
    return dict(own.get_service_names_and_types())


def _asked(own: Node, name: str, question: str, argument: Any) -> Any:
    """Return what a node's parameter service answers."""
    client = AsyncParameterClient(own, name if name.startswith('/') else f'/{name}')
    if not client.wait_for_services(DISCOVERY):
        raise RuntimeError('Node not found')
    return answer(own, getattr(client, question)(argument))
