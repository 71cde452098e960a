#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# rosbags, and a bag in which one type has no definition.
#
# One would guess: a topic whose type has no definition is listed but cannot be decoded; all others are read as ever.
# So it is: rosbags 0.11.9 refuses the whole bag with KeyError, `open` already. rosbag2 (0.26.5) writes such a schema, with
# the encoding "unknown", for each type that it finds no .msg file of; `ros2 bag record -a --include-hidden-topics` meets
# one in every graph with an action, since its feedback message has no file of its own.
# Seen on 2026-11-30:
#   every type has a definition: read /chatter
#   one has none: KeyError: 'unknown'
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q rosbags==0.11.9 mcap==1.6.0 PyYAML==6.0.3
"$folder/venv/bin/python" - "$folder" >"$folder/seen" <<'PYTHON'
from pathlib import Path
import sys

from mcap.writer import Writer
from rosbags.highlevel import AnyReader
import yaml

TEXT = ('/chatter', 'std_msgs/msg/String', 'ros2msg', b'string data', b'\0\1\0\0\2\0\0\0x\0')
FEEDBACK = ('/count/_action/feedback', 'my_msgs/action/Count_FeedbackMessage', 'unknown', b'', b'\0\1\0\0')


def bag(folder, *topics):
    """Write a bag of one message a topic, as rosbag2 lays it out."""
    folder.mkdir()
    with (folder / 'one.mcap').open('wb') as file:
        writer = Writer(file)
        writer.start('ros2', 'findings')
        for name, kind, encoding, definition, cdr in topics:
            schema = writer.register_schema(name=kind, encoding=encoding, data=definition)
            channel = writer.register_channel(
                topic=name, message_encoding='cdr', schema_id=schema, metadata={'offered_qos_profiles': ''}
            )
            writer.add_message(channel, log_time=1, publish_time=1, data=cdr)
        writer.finish()
    span = {'starting_time': {'nanoseconds_since_epoch': 1}, 'duration': {'nanoseconds': 0}}
    listed = [
        {
            'topic_metadata': {
                'name': name,
                'type': kind,
                'serialization_format': 'cdr',
                'offered_qos_profiles': [],
                'type_description_hash': '',
            },
            'message_count': 1,
        }
        for name, kind, *_ in topics
    ]
    about = {
        'version': 9,
        'storage_identifier': 'mcap',
        **span,
        'message_count': len(topics),
        'topics_with_message_count': listed,
        'compression_format': '',
        'compression_mode': '',
        'relative_file_paths': ['one.mcap'],
        'files': [{'path': 'one.mcap', **span, 'message_count': len(topics)}],
        'custom_data': None,
        'ros_distro': 'jazzy',
    }
    (folder / 'metadata.yaml').write_text(yaml.safe_dump({'rosbag2_bagfile_information': about}))
    return folder


def read(folder):
    try:
        with AnyReader([folder]) as reader:
            return 'read ' + ', '.join(connection.topic for connection, _, _ in reader.messages())
    except KeyError as error:
        return f'KeyError: {error}'


base = Path(sys.argv[1])
print('every type has a definition:', read(bag(base / 'whole', TEXT)))
print('one has none:', read(bag(base / 'strange', TEXT, FEEDBACK)))
PYTHON
cat "$folder/seen"
diff "$folder/seen" - <<'SEEN'
every type has a definition: read /chatter
one has none: KeyError: 'unknown'
SEEN
