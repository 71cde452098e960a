# SPDX-License-Identifier: Apache-2.0
"""Every declared message goes through DDS's form and back, and says what its numbers mean."""

from pathlib import Path
import re

import pytest
from rclpy.serialization import deserialize_message, serialize_message

from plc_msgs import action, msg, srv

PACKAGE = Path(__file__).parents[1]
DECLARED = sorted(PACKAGE.glob('*/*.*'))
FILES = [file for file in DECLARED if file.suffix in {'.msg', '.srv', '.action'}]
UNIT = re.compile('(V|A|W|Wh|s|ohm|dB|0..1|degrees Celsius)(,|;|:| |$)')
CONSTANT = re.compile(r'(\w+) (\w+) = (\S+)')
LISTS = {
    'sequence<uint8>': bytes(range(256)),
    'sequence<string>': ['', 'grün'],
    'sequence<float>': [0.5, -1.0],
}
FIELD = re.compile(r'([a-z]\S*) ([a-z]\w*)(?: +# (.*))?$')


def classes(file):
    """What rosidl makes of a file: a class of a message, two of a service, three of an action."""
    made = getattr({'msg': msg, 'srv': srv, 'action': action}[file.parent.name], file.stem)
    parts = ('Request', 'Response', 'Goal', 'Result', 'Feedback')
    return [getattr(made, part) for part in parts if hasattr(made, part)] or [made]


def filled(kind):
    """A message that has another value than the default in each field of a plain type."""
    message = kind()
    for name, of in kind.get_fields_and_field_types().items():
        value = getattr(message, name)
        if isinstance(value, bool):
            setattr(message, name, not value)
        elif isinstance(value, (int, float)):
            setattr(message, name, type(value)(value + 1))
        elif isinstance(value, str):
            setattr(message, name, 'grün')
        elif of in LISTS:
            setattr(message, name, LISTS[of])
        elif of.endswith(']'):
            setattr(message, name, [type(one)(number + 1) for number, one in enumerate(value)])
    return message


@pytest.mark.parametrize('file', FILES, ids=lambda file: file.name)
def test_a_filled_message_comes_back_as_it_went(file):
    for kind in classes(file):
        went = filled(kind)
        assert deserialize_message(serialize_message(went), kind) == went
        assert went != kind() or not kind.get_fields_and_field_types()


@pytest.mark.parametrize('file', FILES, ids=lambda file: file.name)
def test_the_names_of_one_field_s_values_differ_in_their_values(file):
    block = {}
    for line in file.read_text(encoding='utf-8').splitlines():
        if constant := CONSTANT.match(line):
            kind, name, value = constant.groups()
            if value == '0':
                block.clear()  # another field's
            assert (kind, value) not in block, f'{name} is {block[kind, value]}'
            block[kind, value] = name
        elif FIELD.match(line) or not line:
            block.clear()


@pytest.mark.parametrize('file', FILES, ids=lambda file: file.name)
def test_every_number_with_a_point_says_its_unit(file):
    for line in file.read_text(encoding='utf-8').splitlines():
        if line.startswith('float'):
            assert UNIT.match(FIELD.match(line)[3] or ''), line
