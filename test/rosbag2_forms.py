# SPDX-License-Identifier: Apache-2.0
"""One bag in every form that rosbag2 has had: written by rosbags, the older ones made of those."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
import sqlite3

from rosbags.rosbag2 import CompressionFormat, CompressionMode, StoragePlugin, Writer
import yaml

from plc_log.bag.reader import Recorded, found

ROOT = 'rosbag2_bagfile_information'
OLDEST, NEWEST = 1, 9  # versions of rosbag2's metadata
PARTS = 12  # files of a bag that is split: the tenth comes behind the second
HASH = 'RIHS01_' + 64 * '0'
_LINES = {  # of metadata, and since which version they are in it
    'ros_distro': 8, 'custom_data': 6, 'files': 5, 'compression_format': 3, 'compression_mode': 3,
}  # fmt: skip


def forms(bag: Path, into: Path) -> Iterator[Path]:
    """Write a bag in each form, into folders named by it; the bags are called as it is."""
    messages = list(found(bag).messages())
    for storage, mode, version in product(StoragePlugin, CompressionMode, (8, 9)):
        if (storage, mode) != (StoragePlugin.SQLITE3, CompressionMode.STORAGE):
            folder = into / f'{storage.name}_{mode.name}_{version}' / bag.name
            yield write(messages, folder, storage, mode, version)
    for version in range(OLDEST, 8):
        aged = into / f'SQLITE3_NONE_{version}' / bag.name
        yield age(write(messages, aged, StoragePlugin.SQLITE3, version=8), version)
    for storage, mode in product(StoragePlugin, (CompressionMode.NONE, CompressionMode.FILE)):
        folder = into / f'{storage.name}_{mode.name}_split' / bag.name
        yield split(messages, folder, storage, mode)


def write(
    messages: list[Recorded],
    folder: Path,
    storage: StoragePlugin,
    mode: CompressionMode = CompressionMode.NONE,
    version: int = NEWEST,
) -> Path:
    """Write messages into a bag by rosbags; version: of its metadata, 8 or 9."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    writer = Writer(folder, version=version, storage_plugin=storage)
    writer.set_compression(mode, CompressionFormat.ZSTD)
    with writer:
        topics = {}
        for topic, schema, cdr, received, _ in messages:
            if topic not in topics:
                text = schema.data.decode()
                topics[topic] = writer.add_connection(topic, schema.name, msgdef=text, rihs01=HASH)
            writer.write(topics[topic], received, cdr)
    return folder


def split(
    messages: list[Recorded], folder: Path, storage: StoragePlugin, mode: CompressionMode
) -> Path:
    """Write messages into one bag of several files, as `ros2 bag record -d` does."""
    folder.mkdir(parents=True)
    size = -(-len(messages) // PARTS)
    for number in range(PARTS):
        part = folder / f'{folder.name}_{number}'
        write(messages[number * size :][:size], part, storage, mode)
        [file] = part.glob(f'{part.name}.*')
        file.rename(folder / file.name)
        (part / 'metadata.yaml').unlink()
        part.rmdir()
    return folder


def age(folder: Path, version: int) -> Path:
    """Make a bag of sqlite3 one of an older version of rosbag2."""
    [file] = folder.glob('*.db3')
    base = sqlite3.connect(file)
    if version < 7:  # Humble and before: no definitions
        base.execute('drop table message_definitions')
        base.execute('alter table topics drop column type_description_hash')
    if version < 5:
        base.executescript('drop table metadata; drop table schema')
    if version < 4:
        base.execute('alter table topics drop column offered_qos_profiles')
    base.close()
    described = yaml.safe_load((folder / 'metadata.yaml').read_text())
    _age(described[ROOT], version, folder.name)
    (folder / 'metadata.yaml').write_text(yaml.safe_dump(described))
    return folder


def _age(told: dict, version: int, name: str) -> None:
    told['version'] = version
    for line, since in _LINES.items():
        if version < since:
            del told[line]
    for entry in told['topics_with_message_count']:
        if version < 7:
            del entry['topic_metadata']['type_description_hash']
        if version < 4:
            del entry['topic_metadata']['offered_qos_profiles']
    if version < 4:
        told['relative_file_paths'] = [f'{name}/{one}' for one in told['relative_file_paths']]
