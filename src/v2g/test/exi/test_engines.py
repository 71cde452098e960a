# SPDX-License-Identifier: Apache-2.0
from concurrent.futures import ThreadPoolExecutor
import shutil
import sys

import pytest

from v2g.exi import decode, encode, engines, twin
from v2g.schema import din


def test_where_a_compiler_is_at_hand_the_engine_in_c_is_built():
    if shutil.which('cc') is None and shutil.which('gcc') is None:
        pytest.skip('no compiler is at hand')
    assert engines.default_engine().NAME == 'c'


def test_where_it_is_not_built_the_twin_serves_and_says_so_once(monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, '_v2g_exi', None)
    monkeypatch.delitem(sys.modules, 'v2g.exi.native', raising=False)
    monkeypatch.delattr('v2g.exi.native', raising=False)
    engines.default_engine.cache_clear()
    try:
        assert engines.default_engine() is twin
        assert engines.default_engine() is twin
        assert [record.getMessage()[:22] for record in caplog.records] == [
            'EXI runs in Python, ab'
        ]
    finally:
        engines.default_engine.cache_clear()


def setup(evccid):
    header = din.MessageHeader(SessionID=evccid[:8])
    return din.V2G_Message(Header=header, Body=din.SessionSetupReq(EVCCID=evccid[:6]))


def test_threads_do_not_see_each_others_messages():
    messages = [setup(bytes([number]) * 8) for number in range(64)]
    streams = [encode(din, message) for message in messages]

    def there_and_back(_):
        return all(
            decode(din, stream) == message and encode(din, message) == stream
            for stream, message in zip(streams, messages, strict=True)
        )

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(there_and_back, range(100)))
