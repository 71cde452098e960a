# SPDX-License-Identifier: Apache-2.0
"""The way every process of this project starts and ends."""

from collections.abc import Callable, Sequence
import faulthandler
import gc
import os
from pathlib import Path
import re
import sys

import rclpy
from rclpy.context import Context
from rclpy.duration import Duration
from rclpy.exceptions import NameValidationException
from rclpy.node import Node
from rclpy.signals import SignalHandlerOptions
from rclpy.task import Future

from plc_kit.claim import ELSEWHERE, Claim, of_node
from plc_kit.clock import now
from plc_kit.departure import Departure
from plc_kit.executor import make_executor
from plc_kit.inbox import Inbox
from plc_kit.reach import HERE, PROFILES, settle, strangers_hear
from plc_kit.refusal import complain, end_with, refuse_at_once
from plc_kit.signals import Signals, die_with_parent
from plc_kit.undeclared import given, refuse_undeclared

# How a process ends beside CANNOT_START, for a launch file to read (plc_bringup/reason.py); 0: it
# was told to, or has done what it was started for, and then has left a sentence by tell_reason.
NOT_DONE = 11  # exit_when_done: the session failed
BROKEN = 74  # EX_IOERR of sysexits.h: hardware or the system refused; trying again may help


GOODBYE = 3.0  # s for leaving the graph, then the process ends as it is
LAST_WORDS = 0.3  # s that a leaving process waits for acknowledgements


class CannotStart(RuntimeError):
    """A node cannot do its work here; the text is a sentence for the user."""


def _of_rcl(name: str) -> type[Exception]:
    """Return an exception of rcl, none of which has a public name in rclpy; without it, ours."""
    try:
        from rclpy.impl.implementation_singleton import rclpy_implementation
    except ImportError:
        return CannotStart
    return getattr(rclpy_implementation, name, CannotStart)


# A parameter file that is none, a name that cannot be one, a parameter out of its bounds.
WHAT_A_USER_DID_WRONG = (
    ValueError,
    CannotStart,
    NameValidationException,
    _of_rcl('RCLError'),
    _of_rcl('UnknownROSArgsError'),
)


def run(*make_nodes: Callable[..., Node]) -> None:
    """Run nodes in one process until they are told to end and no session needs them any more.

    All but the first are given a `context` of their own. None joins the graph before the `place`
    in a side that a node's class names is claimed for each. The status is CANNOT_START, with one
    sentence, where a node cannot: it ends there and then, and no output is on yet. Else it is what
    a node has in its attribute `exit_status`, or 0. Whatever is raised while they run, all nodes
    are destroyed first: one of them may hold contactors.
    """
    die_with_parent()
    signals = Signals()
    claims: list[Claim] = []  # held to the end of this process
    nodes: list[Node] = []
    try:
        told = given(sys.argv)
        claims += _claims(make_nodes)
        join()
        for make_node in make_nodes:
            nodes.append(make_node(context=_context()) if nodes else make_node())
        refuse_undeclared(told, nodes)
        _nobody_else_is_heard(nodes)
    except WHAT_A_USER_DID_WRONG as error:
        refuse_at_once(_sentence(error))
    gc.collect()
    gc.freeze()  # what a start has left stays: no collection walks through it again
    status = 0
    try:
        _spin(nodes, signals)
        _let_last_words_arrive(nodes)
    except OSError as error:
        complain(_sentence(error))
        status = BROKEN
    finally:
        signals.ignore()
        status = max(status, _leave_the_graph(nodes))
    end_with(max([status, *(getattr(node, 'exit_status', 0) for node in nodes)]))


def _claims(make_nodes: Sequence[Callable[..., Node]]) -> list[Claim]:
    """Claim the `place` of each node in its side, which one has at a time (R6)."""
    places = [place for make_node in make_nodes if (place := getattr(make_node, 'place', ''))]
    return [Claim(of_node(place, sys.argv), ELSEWHERE) for place in places]


def join(context: Context | None = None) -> None:
    """Join the graph, which reaches no further than the user wants (R27).

    Raises ValueError with a sentence where nobody could say how far that is.
    """
    _, said = settle(os.environ, rclpy.get_rmw_implementation_identifier())
    if said:
        complain(said)
    rclpy.init(context=context, signal_handler_options=SignalHandlerOptions.NO)


def _nobody_else_is_heard(nodes: list[Node]) -> None:
    """Make sure that Fast DDS understood the profile that keeps others out (R27)."""
    if str(PROFILES[HERE]) not in os.environ.values():
        return
    if ports := strangers_hear(nodes[0].context.get_domain_id()):
        raise CannotStart(
            f'DDS listens beyond this computer (UDP {", ".join(map(str, ports))}), although'
            f' {PROFILES[HERE]} says it must not (R27)'
        )


def _context() -> Context:
    """Make another context.

    A node that shares one with those that listen to it would count as dead after a second: Fast
    DDS renews the liveliness of a participant's publishers for others only.
    """
    context = Context()
    join(context)
    return context


def _sentence(error: Exception) -> str:
    """Return an error's text in one line, without the places in rcl's sources."""
    return ' '.join(re.sub(r', at /\S+:\d+', '', str(error)).split())


def _let_last_words_arrive(nodes: list[Node]) -> None:
    """Wait until what was published is acknowledged: a state that ends a session above all."""
    end = now() + LAST_WORDS
    for publisher in (one for node in nodes for one in node.publishers):
        if (left := end - now()) > 0:
            publisher.wait_for_all_acked(Duration(seconds=left))


def _leave_the_graph(nodes: list[Node]) -> int:
    """Take all nodes down, also where one complains; return the status that this asks for.

    Fast DDS sometimes spins for ever in there, so not without an end.
    """
    status = 0
    with Path(os.devnull).open('w') as nowhere:
        faulthandler.dump_traceback_later(GOODBYE, exit=True, file=nowhere)
        for node in nodes:
            name = node.get_name()
            try:
                node.destroy_node()
            except Exception as error:  # noqa: BLE001 the next one's outputs must fall safe too
                complain(f'{name} did not end as it should: {_sentence(error)}')
                status = BROKEN
            rclpy.try_shutdown(context=node.context)
        faulthandler.cancel_dump_traceback_later()
    return status


def _spin(nodes: list[Node], signals: Signals) -> None:
    executor = make_executor()
    everyone_left = Future(executor=executor)
    staying = set(nodes)

    def leave(node: Node) -> None:
        staying.discard(node)
        if not staying and not everyone_left.done():
            everyone_left.set_result(None)

    departures = [Departure(node, lambda node=node: leave(node)) for node in nodes]  # type: ignore[misc]

    def told(number: int) -> None:
        for departure in departures:
            departure.told(number)

    signals.listen(Inbox[int](nodes[0], told).put)
    for node in nodes:
        executor.add_node(node)
    try:
        executor.spin_until_future_complete(everyone_left)
    finally:
        executor.shutdown()
