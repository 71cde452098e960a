# SPDX-License-Identifier: Apache-2.0
"""Whether a bag's topics hold what ours do, by the definitions in it.

Where a field of ours is there, it has our type: so what is decoded is of the type, and within the
bounds, that whoever reads it counts on. One that is missing is said where it is wanted. A field
that ours lack is a number, a text, or of a type that we know: others could be decoded without end.
"""

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from mcap.records import Schema
from mcap_ros2._dynamic import _for_each_msgdef
from mcap_ros2._vendor.rosidl_adapter.parser import MessageSpecification

STATE, FRAMES, MESSAGES = '/charging/state', '/mme_log', '/v2g_log'
DATAGRAMS, TRANSPORT, JOURNAL = '/sdp_log', '/transport/status', '/journal'
LINK = '/data_link'
_OF_TOPIC = {
    STATE: 'ChargingState',
    FRAMES: 'MmeFrame',
    MESSAGES: 'V2gMessage',
    DATAGRAMS: 'SdpDatagram',
    TRANSPORT: 'TransportStatus',
    JOURNAL: 'JournalEntry',
    LINK: 'DataLink',
}
_LONGEST = 1 << 16  # octets of a definition; ours have less than ten thousand
_PACKAGE, _TIME = 'plc_msgs', 'builtin_interfaces/Time'

_Types = dict[str, MessageSpecification]


def difference(topic: str, schema: Schema) -> str:
    """Return in words what a topic has in another type than ours has; '': nothing, or not ours.

    Raises what the definition's parser does (NONSENSE).
    """
    ours = next((kind for ending, kind in _OF_TOPIC.items() if topic.endswith(ending)), '')
    if not ours:
        return ''
    if len(schema.data) > _LONGEST:
        differing = f'its definition has {len(schema.data)} octets'
    else:
        theirs = _parsed(schema.name, schema.data.decode())
        differing = _difference(theirs[schema.name], _own(f'{_PACKAGE}/{ours}'), theirs)
    return f'{topic} holds what is no {_PACKAGE}/{ours}: {differing}' if differing else ''


def _difference(theirs: MessageSpecification, ours: MessageSpecification, types: _Types) -> str:
    own = {field.name: field.type for field in ours.fields}
    for field in theirs.fields:
        kind = own.get(field.name, field.type)
        if str(field.type) != str(kind):
            return f'{field.name} is {field.type}, not {kind}'
        if not kind.pkg_name:
            continue  # a number or a text, or several
        inner = f'{kind.pkg_name}/{kind.type}'
        if not _is_known(inner):
            return f'{field.name} is {field.type}'
        if inner in types and (differing := _difference(types[inner], _own(inner), types)):
            return f'{field.name}.{differing}'
    return ''


def _is_known(kind: str) -> bool:
    package, _, name = kind.rpartition('/')
    return kind == _TIME or (package == _PACKAGE and _text_of(name).is_file())


def _text_of(name: str) -> Traversable:
    return files('plc_log') / 'definitions' / f'{name}.msg'


@cache
def _own(kind: str) -> MessageSpecification:
    """Return a type of ours, `package/Name`, or the time in it."""
    name = kind.rpartition('/')[2]
    text = 'int32 sec\nuint32 nanosec'
    if kind != _TIME:
        text = _text_of(name).read_text(encoding='utf-8')
    return _parsed(kind, text)[kind]


def _parsed(name: str, text: str) -> _Types:
    """Return the types of a definition by both their names, as its decoder reads them."""
    types: _Types = {}
    _for_each_msgdef(name, text, lambda *told: types.update(dict.fromkeys(told[:2], told[2])))
    return types
