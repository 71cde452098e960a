# SPDX-License-Identifier: Apache-2.0
"""The bag of a whole charge is read alike in every form that rosbag2 writes."""

import pytest
from rosbag2_forms import forms

from plc_log import cli
from plc_log.bag.folder import bags
from plc_log.bag.reader import contents


@pytest.fixture
def charge(start, network, tmp_path):
    """The bag of one charge."""
    launch = start(
        'ros2', 'launch', 'plc_bringup', 'sim.launch.py', f'network:={network}', 'speed:=60',
        'exit_when_done:=true', 'record:=true', f'bags:={tmp_path}/bags',
    )  # fmt: skip
    assert launch.end() == 0, launch.output
    [bag] = bags(tmp_path / 'bags')
    return bag


VERBS = (('timeline',), ('timeline', '--side', 'charger'), ('replay',), ('summary',))


def test_a_charge_is_told_reported_and_replayed_alike_from_each_form(charge, tmp_path, capsys):
    def looked_at(bag):
        """Return what the verbs make of a bag, without where it is."""
        report = ('report', '-o', str(tmp_path))
        printed = [cli.main([*verb, str(bag)]) for verb in (*VERBS, report)]
        printed += capsys.readouterr()
        printed.append((tmp_path / f'{bag.name}.html').read_text())
        return [str(one).replace(str(bag), '') for one in printed], contents(str(bag)).counts

    there, written = looked_at(charge), tmp_path / 'forms'
    assert len(there[1]) > 20
    other = [bag.parent.name for bag in forms(charge, written) if looked_at(bag) != there]
    assert other == []
    assert len(list(written.iterdir())) == 25
