# SPDX-License-Identifier: Apache-2.0
"""A management page of a test's own: a real process, asked over HTTP as everybody asks it."""

import json
import os
from pathlib import Path
import signal
import subprocess
import sys
import time

import requests

PASSWORD = 'correct horse battery'
DOMAIN = str(101 + os.getpid() % 60)  # for pages without a graph; tests with one count from 2
SERVE = Path(__file__).parents[1] / 'install/plc_web/lib/plc_web/serve'


class Page:
    """`serve`, or another command that ends in one, and its state folder."""

    def __init__(self, state, *parameters, command=None, path='', **environment):
        self.state = Path(state)
        self.state.mkdir(parents=True, exist_ok=True)
        self.log = self.state / 'printed.log'
        if command is None:
            words = (f'state:={self.state}', 'port:=0', *parameters)
            command = (SERVE, '--ros-args', *(w for one in words for w in ('-p', one)))
        own = dict(os.environ, **environment)
        own['PATH'] = f'{path}{os.pathsep if path else ""}{own["PATH"]}'
        with self.log.open('wb') as out:
            self.process = subprocess.Popen(
                command, stdout=out, stderr=out, env=own, start_new_session=True
            )
        self.wait_until(self.healthy)

    def healthy(self):
        """Ask whether it answers."""
        try:
            url = self.url.replace('127.0.0.1', 'localhost')  # the name in a certificate
            return requests.get(f'{url}/healthz', timeout=5).json()['healthy']
        except (OSError, ValueError, KeyError, requests.RequestException):
            return False

    @property
    def url(self):
        return json.loads((self.state / 'page.json').read_text())['url']

    def wait_until(self, holds, patience=90.0):
        """Wait until something holds, and return it."""
        end = time.monotonic() + patience
        while not (found := holds()):
            assert time.monotonic() < end, f'not within {patience} s: {self.printed[-2000:]}'
            assert self.process.poll() is None, self.printed
            time.sleep(0.1)
        return found

    @property
    def printed(self):
        return self.log.read_text(errors='replace')

    def ask(self, method, path, **options):
        """Ask as a program on this computer."""
        headers = {'Authorization': f'Bearer {(self.state / "token").read_text()}'}
        headers |= options.pop('headers', {})
        return requests.request(method, self.url + path, headers=headers, timeout=60, **options)

    def told(self, path):
        """Return what a GET tells."""
        answer = self.ask('GET', path)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def starts_graph(self):
        """Start the graph once the page knows that no other runs a session."""
        self.wait_until(lambda: not self.told('/api/live')['busy'])
        answer = self.ask('POST', '/api/graph/start', json={'confirm': True})
        assert answer.status_code == 200, answer.text

    def side(self, name='/pev'):
        """Return the state of a side as the live page shows it, or an empty one."""
        sides = {one['name']: one for one in self.told('/api/live')['sides']}
        return sides[name]['state'] or {'stage_name': '', 'active': False}

    def set_password(self):
        """Set it as a user does."""
        command = ('ros2', 'run', 'plc_web', 'password', '--state', str(self.state))
        subprocess.run(command, input=PASSWORD + '\n', text=True, check=True, stdout=sys.stderr)

    def visitor(self):
        """Log in as a browser does, and return its requests.Session."""
        visitor = requests.Session()
        visitor.headers['Origin'] = self.url
        form = {'password': PASSWORD}
        answer = visitor.post(f'{self.url}/login', data=form, allow_redirects=False)
        assert (answer.status_code, answer.headers['Location']) == (303, '/'), answer.text
        visitor.headers['X-CSRF-Token'] = visitor.get(f'{self.url}/api/me').json()['csrf']
        return visitor

    def end(self):
        """Have it end as Ctrl-C does; kill what is left."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
                raise
        return self.process.returncode
