# SPDX-License-Identifier: Apache-2.0
"""What the publishers of a bag's topics offered, read out of files that may be anybody's.

Only what rosbag2 writes is taken over, value by value: whatever else a text holds, nested or
anchored, goes no further.
"""

from typing import Any

import yaml

LONGEST = 1 << 20  # characters of YAML that are read of a bag
DEEPEST = 12  # levels; metadata.yaml has seven
_DEEPEST_QUEUE = 1 << 16  # messages that a publisher keeps; more is nobody's
# By their numbers before version 9, as rmw counts them.
_POLICIES = {
    'history': ('system_default', 'keep_last', 'keep_all', 'unknown'),
    'reliability': ('system_default', 'reliable', 'best_effort', 'unknown', 'best_available'),
    'durability': ('system_default', 'transient_local', 'volatile', 'unknown', 'best_available'),
    'liveliness': (
        'system_default', 'automatic', 'manual_by_node', 'manual_by_topic', 'unknown',
        'best_available',
    ),
}  # fmt: skip
_TIMES = ('deadline', 'lifespan', 'liveliness_lease_duration')


class _Loader(yaml.BaseLoader):
    """Texts in lists and mappings, not too deep."""

    _depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        self._depth += 1
        if self._depth > DEEPEST:
            raise yaml.YAMLError(f'nested deeper than {DEEPEST} levels')
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def loaded(text: str) -> Any:
    """Return YAML as lists and dicts of texts; raises yaml.YAMLError, also for too much."""
    if len(text) > LONGEST:
        raise yaml.YAMLError(f'longer than {LONGEST} characters')
    return yaml.load(text, _Loader)  # texts alone: less than safe_load makes


class Offers:
    """Reads what each topic of a bag tells, as long as it is not too much in all."""

    def __init__(self) -> None:
        self._left = LONGEST

    def read(self, told: Any) -> list[dict[str, Any]]:
        """Return a dict for each publisher, of what `loaded` gave or a text of it; else none."""
        if isinstance(told, str):
            self._left -= len(told)
            told = _list(told) if self._left >= 0 else []
        try:
            return [_profile(one) for one in told]
        except (LookupError, TypeError, ValueError, AttributeError):
            return []


def _list(text: str) -> Any:
    try:
        return loaded(text)
    except (yaml.YAMLError, ValueError):
        return []


def _profile(told: Any) -> dict[str, Any]:
    """Return what one publisher offered, as version 9 has it; raises for anything else."""
    words = {name: _word(told[name], known) for name, known in _POLICIES.items()}
    times = {name: {one: _count(told[name][one]) for one in ('sec', 'nsec')} for name in _TIMES}
    plain = str(told.get('avoid_ros_namespace_conventions')).lower() == 'true'
    depth = min(_count(told['depth']), _DEEPEST_QUEUE)
    return {**words, **times, 'depth': depth, 'avoid_ros_namespace_conventions': plain}


def _word(told: Any, known: tuple[str, ...]) -> str:
    return known[_count(told)] if str(told).isdecimal() else known[known.index(str(told))]


def _count(told: Any) -> int:
    """Return a number of 64 bits."""
    if len(text := str(told)) > 20:
        raise ValueError('no number')
    return int(text)
