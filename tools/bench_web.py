# SPDX-License-Identifier: Apache-2.0
"""What the management page costs: its share of a core, with one browser open during a charge.

Prints what it measured beside its goal; run in a shell that sourced env.sh.
"""

import json
import os
from pathlib import Path
import sys
import tempfile
import threading
import time

sys.path.append(str(Path(__file__).parents[1] / 'test'))

from bench_processes import use_of
from page_process import Page
from websockets.sync.client import ClientConnection, connect

GOAL = 5.0  # % of a core
SPAN = 30.0  # s


def main() -> None:
    """Charge, look on, and measure."""
    arguments = f'arguments:="network:=bench{os.getpid()} speed:=1.0"'
    with tempfile.TemporaryDirectory() as state:
        began = time.monotonic()
        page = Page(state, 'launch:=sim.launch.py', arguments)
        took = time.monotonic() - began
        print(f'page, from its start to its first answer: {took:.1f} s (goal 5 s)')
        try:
            page.set_password()
            page.starts_graph()
            page.wait_until(lambda: page.side()['stage_name'] == 'CHARGE_LOOP')
            alone, _ = _share(page)
            with _looking_on(page) as stream:
                looked, messages = _share(page, stream)
            assert page.side()['stage_name'] == 'CHARGE_LOOP', 'the charge ended too early'
        finally:
            page.end()
    told = f'{looked:.1f} % of a core with one browser (goal {GOAL:.0f} %), {alone:.1f} % without'
    print(f'page in the energy loop: {told}; {messages / SPAN:.1f} snapshots/s')


def _looking_on(page: Page) -> ClientConnection:
    """What a browser keeps open while the live page is shown."""
    cookie = page.visitor().cookies['ccs_session']
    return connect(
        page.url.replace('http', 'ws') + '/api/live/stream',
        origin=page.url,  # type: ignore[arg-type]
        additional_headers={'Cookie': f'ccs_session={cookie}'},
        max_size=None,
    )


def _share(page: Page, stream: ClientConnection | None = None) -> tuple[float, int]:
    """Return the processor time of the page in % of a core, and the snapshots that came."""
    seen: list[int] = []
    if stream is not None:
        reader = threading.Thread(target=lambda: seen.extend(map(_length, stream)), daemon=True)
        reader.start()
    time.sleep(2.0)
    before, begin = use_of(page.process.pid).processor, time.monotonic()
    counted = len(seen)
    time.sleep(SPAN)
    used = use_of(page.process.pid).processor - before
    return 100 * used / (time.monotonic() - begin), len(seen) - counted


def _length(message: str | bytes) -> int:
    return len(json.loads(message))


if __name__ == '__main__':
    main()
