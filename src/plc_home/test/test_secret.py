# SPDX-License-Identifier: Apache-2.0
"""A password or token in a file: what holds none is a sentence, before anybody is asked."""

import os

import pytest

from plc_home.ports.secret import NoSecret, secret_of


@pytest.mark.parametrize('octets', [
    b's3cret', b's3cret\nmore\n', b'  s3cret \r\n', b'\xef\xbb\xbfs3cret\n', b'\n\ns3cret\n',
])  # fmt: skip
def test_the_first_line_is_the_secret(tmp_path, octets):
    file = tmp_path / 'secret'
    file.write_bytes(octets)
    link = tmp_path / 'link'
    link.symlink_to(file)
    assert secret_of(str(file)) == secret_of(str(link)) == 's3cret'


def test_without_a_file_there_is_none():
    assert secret_of('') == ''


@pytest.mark.parametrize(('octets', 'words'), [
    (b'', 'is empty'), (b'\n \n', 'is empty'), (b'\xff\xfe', 'no text in UTF-8'),
    (b's3\x00cret', 'a control character'), (b's3\rcret', 'a control character'),
])  # fmt: skip
def test_desk_8_a_file_without_a_secret_is_a_sentence_that_tells_nothing_of_it(
    tmp_path, octets, words
):
    file = tmp_path / 'secret'
    file.write_bytes(octets)
    with pytest.raises(NoSecret, match=words) as told:
        secret_of(str(file))
    assert str(file) in str(told.value) and 'cret' not in str(told.value).replace(str(file), '')


def test_desk_8_what_is_no_file_is_a_sentence(tmp_path):
    os.mkfifo(tmp_path / 'pipe')
    for name, words in (('pipe', 'is no file'), ('', 'is no file'), ('none', 'No such file')):
        with pytest.raises(NoSecret, match=words):
            secret_of(str(tmp_path / name))
