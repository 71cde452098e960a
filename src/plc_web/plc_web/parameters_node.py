# SPDX-License-Identifier: Apache-2.0
"""Asks the nodes of the graph for their parameters, and sets those that may change."""

from collections.abc import Collection, Iterable
from typing import Any

from rcl_interfaces.msg import Parameter as ParameterMessage, ParameterDescriptor, ParameterValue
from rcl_interfaces.srv import (
    DescribeParameters,
    GetParameters,
    ListParameters,
    SetParametersAtomically,
)
from rclpy.parameter import Parameter as RosParameter

from plc_web.feed_node import FeedNode, Unreachable
from plc_web.parameter import Parameter, Value, change_of, choices_of

_KINDS = {1: 'bool', 2: 'int', 3: 'float', 4: 'str'}
_FIELDS = {1: 'bool_value', 2: 'integer_value', 3: 'double_value', 4: 'string_value'}
_OF_ROS = ('use_sim_time', 'start_type_description_service')  # of rclpy, never used here (R26)


class Asker:
    """The parameter services of other nodes; a client lives as long as one question."""

    def __init__(self, feed: FeedNode) -> None:
        self._feed = feed

    async def catalogue(self, only: Collection[str] = ()) -> list[Parameter]:
        """Return every parameter of every node of the sides that answers, or of those alone.

        Each is asked three times: in a session no more of them than need be.
        """
        found: list[Parameter] = []
        for node in self._nodes():
            if only and node not in only:
                continue
            try:
                found += await self._of(node)
            except Unreachable:
                continue  # it is dying, or being born
        return found

    def _nodes(self) -> list[str]:
        there = self._feed.get_node_names_and_namespaces()
        return sorted({f'{space}/{name}' for name, space in there if space in self._feed.sides})

    async def _of(self, node: str) -> list[Parameter]:
        listed = await self._call(ListParameters, node, 'list_parameters')
        names = [n for n in listed.result.names if n not in _OF_ROS and not n.startswith('qos_')]
        told = await self._call(DescribeParameters, node, 'describe_parameters', names=names)
        values = await self._call(GetParameters, node, 'get_parameters', names=names)
        pairs = zip(told.descriptors, values.values, strict=True)
        return [_parameter(node, descriptor, value) for descriptor, value in pairs]

    async def set(self, node: str, values: dict[str, Value]) -> str:
        """Set parameters of a node at once; return why it refuses, or an empty text."""
        messages = [_message(name, value) for name, value in values.items()]
        service = 'set_parameters_atomically'
        answer = await self._call(SetParametersAtomically, node, service, parameters=messages)
        return '' if answer.result.successful else answer.result.reason or f'{node} refuses'

    async def _call(self, kind: Any, node: str, service: str, **fields: Any) -> Any:
        client = self._feed.create_client(kind, f'{node}/{service}')
        try:
            return await self._feed.call(client, kind.Request(**fields))
        finally:
            self._feed.destroy_client(client)


def _message(name: str, value: Value) -> ParameterMessage:
    return RosParameter(name, value=value).to_parameter_msg()


def _parameter(node: str, descriptor: ParameterDescriptor, value: ParameterValue) -> Parameter:
    ranges = [*descriptor.floating_point_range, *descriptor.integer_range]
    kind = _KINDS.get(value.type, 'list')
    return Parameter(
        node=node,
        name=descriptor.name,
        kind=kind,
        value=getattr(value, _FIELDS[value.type]) if value.type in _FIELDS else None,
        about=descriptor.description,
        read_only=descriptor.read_only,
        low=ranges[0].from_value if ranges else None,
        high=ranges[0].to_value if ranges else None,
        choices=choices_of(descriptor.additional_constraints),
        change=change_of(descriptor.additional_constraints),
    )


def by_node(parameters: Iterable[tuple[Parameter, Value]]) -> dict[str, dict[str, Value]]:
    """Return {node: {name: value}}."""
    nodes: dict[str, dict[str, Value]] = {}
    for parameter, value in parameters:
        nodes.setdefault(parameter.node, {})[parameter.name] = value
    return nodes
