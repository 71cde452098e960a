# SPDX-License-Identifier: Apache-2.0
"""`ros2 lifecycle nodes`, `get`, `list` and `set`."""

import sys
from typing import Any

from lifecycle_msgs.srv import ChangeState, GetAvailableTransitions, GetState
from rclpy.node import Node

from ros2cli.graph import DISCOVERY, answer, hidden, node, settled

SERVICE = '/get_state'


def nodes_(*, all: bool = False, count_nodes: bool = False) -> None:
    """Output a list of nodes with lifecycle."""
    with node() as own:
        names = _names(own, all)
    print(len(names) if count_nodes else '\n'.join(names))


def get_(node_name: str = '') -> None:
    """Get lifecycle state for one or more nodes."""
    with node() as own:
        for name in [node_name] if node_name else _names(own):
            state = _asked(own, GetState, name, 'get_state').current_state
            print(('' if node_name else f'{name}: ') + f'{state.label} [{state.id}]')


def list_(node_name: str, *, all: bool = False) -> None:
    """Output a list of available transitions."""
    question = 'get_transition_graph' if all else 'get_available_transitions'
    with node() as own:
        for one in _asked(own, GetAvailableTransitions, node_name, question).available_transitions:
            print(f'- {one.transition.label} [{one.transition.id}]')
            print(f'\tStart: {one.start_state.label}\n\tGoal: {one.goal_state.label}')


def set_(node_name: str, transition: str) -> str | None:
    """Trigger lifecycle state transition."""
    with node() as own:
        offered = _asked(own, GetAvailableTransitions, node_name, 'get_available_transitions')
        known = [one.transition for one in offered.available_transitions]
        chosen = [one for one in known if transition in (one.label, str(one.id))]
        if not chosen:
            listed = ''.join(f'\n- {one.label} [{one.id}]' for one in known)
            return f'Unknown transition requested, available ones are:{listed}'
        done = _asked(own, ChangeState, node_name, 'change_state', transition=chosen[0]).success
    words = 'Transitioning successful' if done else 'Transitioning failed'
    print(words, file=sys.stdout if done else sys.stderr)
    return None


def _names(own: Node, with_hidden: bool = False) -> list[str]:
    """Return the nodes that answer for a life cycle, sorted."""
    services = settled(own, own.get_service_names_and_types)
    kind = 'lifecycle_msgs/srv/GetState'
    names = [name.removesuffix(SERVICE) for name, kinds in services if kind in kinds]
    return sorted(name for name in names if with_hidden or not hidden(name))


def _asked(own: Node, kind: Any, name: str, question: str, **request: Any) -> Any:
    client = own.create_client(kind, f'/{name.lstrip("/")}/{question}')
    if not client.wait_for_service(DISCOVERY):
        raise RuntimeError('Node not found')
    return answer(own, client.call_async(kind.Request(**request)))
