# SPDX-License-Identifier: Apache-2.0
"""What page and callback cost: their share of a core, with one browser open during a charge.

Prints what it measured beside its goal; run in a shell that sourced env.sh.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
import json
import os
from pathlib import Path
import sys
import tempfile
import threading
import time

sys.path.append(str(Path(__file__).parents[1] / 'test'))

from bench_processes import nodes_of, processor_time
from page_process import Page
from websockets.sync.client import ClientConnection, connect

GOAL = 5.0  # % of a core
SPAN = 30.0  # s
CALLBACK = '/evse/soc_callback'


class Receiver(BaseHTTPRequestHandler):
    """Answers every POST, and counts them."""

    count = 0

    def do_POST(self) -> None:
        """Answer with nothing."""
        Receiver.count += 1
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def _receiver() -> Iterator[str]:
    """Serve one, and give its URL."""
    with HTTPServer(('127.0.0.1', 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f'http://127.0.0.1:{server.server_port}/ev_state'
        server.shutdown()


def main() -> None:
    """Charge, look on, and measure."""
    with tempfile.TemporaryDirectory() as state, _receiver() as url:
        told = f'network:=bench{os.getpid()} speed:=5.0 soc_callback:={url}'
        arguments = f'arguments:="{told}"'
        began = time.monotonic()
        page = Page(state, 'launch:=sim.launch.py', arguments)
        took = time.monotonic() - began
        print(f'page, from its start to its first answer: {took:.1f} s (goal 5 s)')
        try:
            page.set_password()
            page.starts_graph()
            page.wait_until(lambda: page.side()['stage_name'] == 'CHARGE_LOOP')
            launch = json.loads((page.state / 'graph.json').read_text())['pid']
            processes = {'page': page.process.pid, 'callback': nodes_of(launch)[CALLBACK]}
            alone, _ = _shares(processes)
            requests = Receiver.count
            with _looking_on(page) as stream:
                looked, messages = _shares(processes, stream)
            requests = Receiver.count - requests
            assert page.side()['stage_name'] == 'CHARGE_LOOP', 'the charge ended too early'
        finally:
            page.end()
    both = f'{sum(looked.values()):.1f} % of a core with one browser (goal {GOAL:.0f} %)'
    parts = ', '.join(
        f'{name} {looked[name]:.1f} % ({alone[name]:.1f} % without)' for name in looked
    )
    print(f'page and callback in the energy loop: {both}: {parts}')
    print(f'  {messages / SPAN:.1f} snapshots/s, {requests} requests in {SPAN:.0f} s')


def _looking_on(page: Page) -> ClientConnection:
    """What a browser keeps open while the live page is shown."""
    cookie = page.visitor().cookies['ccs_session']
    return connect(
        page.url.replace('http', 'ws') + '/api/live/stream',
        origin=page.url,  # type: ignore[arg-type]
        additional_headers={'Cookie': f'ccs_session={cookie}'},
        max_size=None,
    )


def _shares(
    processes: dict[str, int], stream: ClientConnection | None = None
) -> tuple[dict[str, float], int]:
    """Return the processor time of each in % of a core, and the snapshots that came."""
    seen: list[int] = []
    if stream is not None:
        reader = threading.Thread(target=lambda: seen.extend(map(_length, stream)), daemon=True)
        reader.start()
    time.sleep(2.0)
    before = {name: processor_time([pid]) for name, pid in processes.items()}
    begin, counted = time.monotonic(), len(seen)
    time.sleep(SPAN)
    span = time.monotonic() - begin
    used = {name: processor_time([pid]) - before[name] for name, pid in processes.items()}
    return {name: 100 * one / span for name, one in used.items()}, len(seen) - counted


def _length(message: str | bytes) -> int:
    return len(json.loads(message))


if __name__ == '__main__':
    main()
