# SPDX-License-Identifier: Apache-2.0
import asyncio
import io
import os
from pathlib import Path
import tarfile

import pytest

from plc_web import reports as reporting
from plc_web.bags import Bags, as_tar
from plc_web.computer import Failed
from plc_web.reports import Reports


@pytest.fixture
def folder(tmp_path):
    """Two bags, a file, a link and an odd name."""
    for number, name in enumerate(('2026-01-01_10-00-00', '2026-01-02_10-00-00')):
        (tmp_path / name).mkdir()
        (tmp_path / name / 'metadata.yaml').write_text('a: 1\n')
        (tmp_path / name / 'data.mcap').write_bytes(bytes(range(256)) * 1000)
        os.utime(tmp_path / name, (number, number))
    (tmp_path / 'file').write_text('x')
    (tmp_path / 'link').symlink_to('/etc')
    (tmp_path / '.hidden').mkdir()
    return tmp_path


def test_bags_are_told_the_newest_first_and_nothing_else_is(folder):
    rows = Bags(folder).all(Reports(folder))
    assert [row['name'] for row in rows] == ['2026-01-02_10-00-00', '2026-01-01_10-00-00']
    assert rows[0]['octets'] == 256_005


def test_a_bag_that_is_renamed_while_they_are_listed_is_left_out(folder):
    class Renaming(Reports):
        def offered(self, bag):
            for other in folder.glob('2026-*'):
                if other != bag:
                    other.rename(folder / f'.{other.name}')
            return False

    assert len(Bags(folder).all(Renaming(folder))) == 1


@pytest.mark.parametrize(
    'name', ['..', '.hidden', 'link', 'file', '', 'a/b', '../x', 'x\0', 'x' * 200]
)
def test_what_is_no_bag_is_not_found(folder, name):
    assert Bags(folder).find(name) is None


def test_a_bag_comes_as_an_archive_without_what_a_link_leads_to(folder):
    bag = folder / '2026-01-01_10-00-00'
    (bag / 'evil').symlink_to('/etc/passwd')
    with tarfile.open(fileobj=io.BytesIO(b''.join(as_tar(bag)))) as tar:
        assert tar.getnames() == [f'{bag.name}/data.mcap', f'{bag.name}/metadata.yaml']
        assert tar.extractfile(tar.getmembers()[0]).read() == bytes(range(256)) * 1000


def test_a_report_in_the_folder_of_a_bag_is_offered(folder):
    bag, reports = folder / '2026-01-01_10-00-00', Reports(folder / 'reports')
    (bag / 'report.html').write_text('<p>a report</p>')
    assert reports.offered(bag) and asyncio.run(reports.of(bag)) == bag / 'report.html'


def test_where_plc_log_makes_reports_it_is_asked_once_a_bag(folder, tmp_path, monkeypatch):
    (tmp_path / 'bin').mkdir()
    script = tmp_path / 'bin/ros2'
    script.write_text('#!/bin/sh\necho "$@" >> "$(dirname "$0")/calls"\necho report > "$6"\n')
    script.chmod(0o755)
    monkeypatch.setenv('PATH', f'{tmp_path}/bin:/usr/bin:/bin')
    monkeypatch.setattr(reporting, '_plc_log_makes_them', lambda: True)
    bag, reports = folder / '2026-01-02_10-00-00', Reports(folder / 'reports')

    async def twice():
        return await reports.of(bag), await reports.of(bag)

    first, second = asyncio.run(twice())
    assert first == second and first.read_text() == 'report\n'
    assert len((tmp_path / 'bin/calls').read_text().splitlines()) == 1


def test_why_there_is_no_report_is_told(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(reporting, '_plc_log_makes_them', lambda: True)
    (tmp_path / 'ros2').write_text('#!/bin/sh\necho "no session in it" >&2\nexit 1\n')
    (tmp_path / 'ros2').chmod(0o755)
    monkeypatch.setenv('PATH', f'{tmp_path}:/usr/bin:/bin')
    with pytest.raises(Failed, match='no session in it'):
        asyncio.run(Reports(folder / 'reports').of(folder / '2026-01-02_10-00-00'))


def test_desk_6_a_report_that_is_given_up_ends_with_its_processes(folder, tmp_path, monkeypatch):
    there = tmp_path / 'process'
    (tmp_path / 'bin').mkdir()
    ros2 = tmp_path / 'bin' / 'ros2'
    ros2.write_text(
        f'#!/bin/sh\nfor o; do :; done\necho half > "$o"\n'
        f"sh -c 'echo $$ > {there}.new; mv {there}.new {there}; exec sleep 600'; :\n"
    )
    ros2.chmod(0o755)
    monkeypatch.setenv('PATH', f'{ros2.parent}:{os.environ["PATH"]}')
    monkeypatch.setattr(reporting, '_plc_log_makes_them', lambda: True)
    bag, reports = folder / '2026-01-02_10-00-00', Reports(folder / 'reports')

    async def given_up():
        asking = asyncio.ensure_future(reports.of(bag))
        while not there.exists():
            await asyncio.sleep(0.01)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

    asyncio.run(given_up())
    process = Path(f'/proc/{int(there.read_text())}/stat')
    assert not process.exists() or process.read_text().split()[2] in 'ZX'
    there.unlink()
    monkeypatch.setattr(reporting, '_PATIENCE', 0.5)
    with pytest.raises(Failed, match='does not answer'):
        asyncio.run(reports.of(bag))
    assert not (folder / 'reports' / f'{bag.name}.html').exists()
