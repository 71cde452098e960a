# SPDX-License-Identifier: Apache-2.0
"""Parameters that a process was given and none of its nodes has: rclpy passes over them.

Who misspells the name of an allow-list has a charger that is open to all. What names a node has to
be known to it. What is for many, as a section /** or a launch file's SetParameter, is another's
unless it is almost the name of one of ours.
"""

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import pairwise
import os

from rclpy.exceptions import ParameterNotDeclaredException
from rclpy.node import Node
from rclpy.parameter import Parameter

from plc_kit.command_line import sorted_out
from plc_kit.nearest import THE_SAME, did_you_mean, nearest
from plc_kit.parameter_file import matches, names_of, sections_of
from plc_kit.variables import LAUNCHED

Given = list[tuple[str, str]]  # (pattern of nodes; '' or a name alone is of -p; parameter)


def given(words: Sequence[str]) -> Given:
    """Return what a command line gives; raises BadParameterFile."""
    found: Given = []
    for option, value in _options(words):
        if option == '--params-file':
            rows = sections_of(value)
            found += [(pattern, name) for pattern, values in rows for name in names_of(values)]
        else:
            pattern, _, name = value.partition(':=')[0].rpartition(':')
            found.append((pattern, name))
    return found


def _options(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Return those of ROS that tell parameters, each with its value."""
    ours = [word for of_ros, word in sorted_out(words) if of_ros]
    for word, value in pairwise([*ours, '']):
        if word in ('-p', '--param', '--params-file'):
            yield word, value


def refuse_undeclared(told: Given, nodes: Sequence[Node]) -> None:
    """Raise ValueError, with a sentence, for a name that no node has that was to have it.

    From then on nodes answer so whoever sets one while they run; rclpy's own answer names none.
    """
    for pattern, name in told:
        meant = [one for one in nodes if _is_meant(pattern, one)]
        if not meant:
            _look_at_node(pattern, nodes)
        elif not any(one.has_parameter(name) for one in meant):
            _look(pattern, name, meant)
    for node in nodes:
        node.add_pre_set_parameters_callback(partial(_all_declared, node))


class NotDeclared(ParameterNotDeclaredException):
    """What rclpy answers by its text whoever sets a parameter that a node does not have."""

    def __init__(self, sentence: str) -> None:
        Exception.__init__(self, sentence)


def _all_declared(node: Node, parameters: list[Parameter]) -> list[Parameter]:
    for one in parameters:
        if not node.has_parameter(one.name):
            raise NotDeclared(_no_parameter(one.name, [node]))
    return parameters


def _is_meant(pattern: str, node: Node) -> bool:
    return not pattern or matches(f'/{pattern.lstrip("/")}', node.get_fully_qualified_name())


def _look_at_node(pattern: str, nodes: Sequence[Node]) -> None:
    """Refuse a node that is another to ROS than was meant; whose namespace is told may be any."""
    alone = pattern.lstrip('/')
    for node in nodes:
        if node.get_name() == alone:
            here = node.get_fully_qualified_name()
            raise ValueError(f'{pattern} is a node in no namespace, and here is {here}')
    if not pattern.startswith('/'):
        known = [node.get_name() for node in nodes]
        raise ValueError(f'no node here is called {pattern}{did_you_mean(pattern, known)}')


def _look(pattern: str, name: str, meant: Sequence[Node]) -> None:
    for_many, elsewhere = _for_many(pattern), _elsewhere(meant)
    if name in elsewhere and (for_many or '*' in pattern):
        return  # as session: {…}, which is that of both sides
    if not for_many or nearest(name, elsewhere | _declared(meant), THE_SAME):
        raise ValueError(_no_parameter(name, meant))


def _no_parameter(name: str, meant: Sequence[Node]) -> str:
    who = ', '.join(one.get_fully_qualified_name() for one in meant)
    elsewhere = _elsewhere(meant)
    if name in elsewhere:
        return f'parameter {name} of {who} is one of another role or mode'
    has_none = f'none of {who} has a' if len(meant) > 1 else f'{who} has no'
    known = elsewhere | _declared(meant)
    return f'{has_none} parameter {name}{did_you_mean(name, known)}'


def _declared(nodes: Sequence[Node]) -> set[str]:
    return {name for one in nodes for name in one.list_parameters([], 0).names}


def _elsewhere(nodes: Sequence[Node]) -> set[str]:
    """Return what nodes have in another role or mode, where they say so."""
    return {name for one in nodes for name in getattr(one, 'elsewhere', ())}


def _for_many(pattern: str) -> bool:
    """Tell what is for other nodes, too; -p of a launch is what SetParameter has for a scope."""
    return '*' in pattern.rpartition('/')[2] or (not pattern and LAUNCHED in os.environ)
