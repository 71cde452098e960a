# SPDX-License-Identifier: Apache-2.0
"""The nodes that a params_file names: ours, another's of the same robot, or misspelt."""

from launch.actions import LogInfo

from plc_bringup.reason import Failed
from plc_bringup.spaces import whole
from plc_kit.nearest import nearest
from plc_kit.parameter_file import matches

_BOTH = ('modem', 'slac', 'transport', 'session', 'status', 'syslog', 'script', 'partner')
NODES = {
    'pev': (*_BOTH, 'vehicle'),
    'evse': (*_BOTH, 'supply', 'wallbox', 'soc_callback', 'mqtt'),
    'line': ('line',),
}
_NAMES = {name for names in NODES.values() for name in names}
_NODE_ALIKE = 0.75  # a robot has nodes of its own, and one file for all
_SIDE_ALIKE = 0.6  # pve for pev


def look_at_sections(context, path, sections, places):
    """Raise Failed for a node that is misspelt; say which of our nodes are none of this launch.

    sections: patterns of nodes, as /pev/session; places: {role: namespace of its nodes}, each in
    text or as a substitution.
    """
    spaces = {role: whole(context, space) for role, space in places.items()}
    here = [f'{space}/{name}' for role, space in spaces.items() for name in NODES[role]]
    others = [one for one in sections if not any(matches(one, node) for node in here)]
    for one in others:
        if meant := _meant(one, spaces.values()):
            raise Failed(f'params_file:={path}: no node is called {_said(one)}; {meant}')
    ours = [_said(one) for one in others if one.rpartition('/')[2] in _NAMES]
    if not ours:
        return []
    return [LogInfo(msg=f'params_file:={path}: no node of this launch is {", ".join(ours)}')]


def _meant(section, spaces):
    """Return the end of a sentence where a name or a namespace is almost one of ours."""
    space, _, name = section.rpartition('/')
    last = space.rpartition('/')[2]
    if _plain(name) not in _NAMES:
        ours = '*' in last or space in spaces or last in NODES
        like = nearest(name, _NAMES, _NODE_ALIKE) if ours else ''
        return like and f'did you mean {like}?'
    if '*' in last or space in spaces or _plain(last) in NODES:
        return ''
    like = nearest(last, NODES, _SIDE_ALIKE)
    return like and f'did you mean /{like}/{name}?'


def _plain(name):
    """Return a name without its number: vehicle2 is another vehicle."""
    return name.rstrip('0123456789')


def _said(section):
    return section.removeprefix('/**/')
