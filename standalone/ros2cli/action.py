# SPDX-License-Identifier: Apache-2.0
"""`ros2 action list`, `info` and `send_goal`."""

from collections.abc import Callable
from typing import Any

from action_msgs.msg import GoalStatus
from rclpy.action import ActionClient, graph as actions
from rclpy.node import Node

from plc_log.recorder import load
from ros2cli.graph import answer, node, settled, show_names
from ros2cli.text import fill_from_yaml, to_yaml


def list_(*, show_types: bool = False) -> None:
    """Output a list of action names."""
    with node() as own:
        show_names(settled(own, lambda: actions.get_action_names_and_types(own)), show_types)


def info_(action_name: str, *, show_types: bool = False, count: bool = False) -> None:
    """Print information about an action."""
    asks = (
        actions.get_action_client_names_and_types_by_node,
        actions.get_action_server_names_and_types_by_node,
    )
    with node() as own:
        name = own.resolve_topic_name(action_name)
        ends = settled(own, lambda: [_nodes(own, ask, name) for ask in asks])
    print(f'Action: {action_name}')
    for title, found in zip(('clients', 'servers'), ends, strict=True):
        print(f'Action {title}: {len(found)}')
        for node_name, types in [] if count else found:
            print(f'    {node_name}' + (f' [{", ".join(types)}]' if show_types else ''))


def _nodes(own: Node, ask: Callable[..., Any], action: str) -> list[tuple[str, list[str]]]:
    """Return the nodes at one end of an action, with the types they have it of."""
    return sorted(
        (f'{namespace.rstrip("/")}/{name}', types)
        for name, namespace in own.get_node_names_and_namespaces()
        for known, types in ask(own, name, namespace)
        if known == action
    )


def send_goal_(
    action_name: str, action_type: str, goal: str, *, feedback: bool = False
) -> str | None:
    """Send an action goal; Ctrl-C cancels it."""
    kind = load('action', action_type)
    wanted = kind.Goal()
    fill_from_yaml(wanted, goal)
    with node() as own:
        client = ActionClient(own, kind, action_name)
        print('Waiting for an action server to become available...', flush=True)
        while not client.wait_for_server(0.1):
            pass
        print(f'Sending goal:\n     {to_yaml(wanted, True)}', flush=True)
        show = _show_feedback if feedback else None
        accepted = answer(own, client.send_goal_async(wanted, show))
        if not accepted.accepted:
            return 'Goal was rejected.'
        print(f'Goal accepted with ID: {bytes(accepted.goal_id.uuid).hex()}\n', flush=True)
        try:
            result = answer(own, accepted.get_result_async())
        except KeyboardInterrupt:
            _cancel(own, accepted)
            raise
    print(f'Result:\n    {to_yaml(result.result, True)}')
    print(f'Goal finished with status: {_word(result.status)}')
    return None


def _show_feedback(message: Any) -> None:
    print(f'Feedback:\n    {to_yaml(message.feedback, True)}', flush=True)


def _cancel(own: Node, goal: Any) -> None:
    print('Canceling goal...', flush=True)
    if not answer(own, goal.cancel_goal_async()).goals_canceling:
        raise RuntimeError('Failed to cancel goal')
    print('Goal canceled.', flush=True)


def _word(status: int) -> str:
    names = (name for name in dir(GoalStatus) if name.startswith('STATUS_'))
    return next(n.removeprefix('STATUS_') for n in names if getattr(GoalStatus, n) == status)
