# SPDX-License-Identifier: Apache-2.0
"""Takes the pictures of the management page for the README: of a simulated charge, in Chromium.

Usage, in a shell that sourced env.sh:  python3 tools/screenshots.py FOLDER
"""

import os
from pathlib import Path
import sys
import tempfile
import time

sys.path.append(str(Path(__file__).parents[1] / 'test'))

from browser import PHONE, browser
from page_process import PASSWORD, Page
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

VIEWS = ('', 'config', 'log', 'sessions', 'update', 'computer', 'api')
TALL = (1280, 1240)  # for all of the live page's charts
LONG = 40.0  # s of charging before the picture


def main() -> None:
    """Charge, and take the pictures."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault('ROS_DOMAIN_ID', '93')
    arguments = f'arguments:="network:=shot{os.getpid()} speed:=3"'
    with tempfile.TemporaryDirectory() as state:
        page = Page(state, 'launch:=sim.launch.py', arguments)
        try:
            page.set_password()
            page.starts_graph()
            page.wait_until(lambda: page.side()['stage_name'] == 'CHARGE_LOOP')
            time.sleep(LONG)
            _take(page, folder, 'desktop', TALL)
            _take(page, folder, 'phone', PHONE)
            _take(page, folder, 'dark', PHONE, 'dark')
        finally:
            page.end()


def _take(
    page: Page, folder: Path, name: str, size: tuple[int, int], scheme: str = 'light'
) -> None:
    with browser(size, scheme) as one:
        one.get(page.url + '/login')
        one.save_screenshot(str(folder / f'{name}-login.png'))
        one.find_element(By.NAME, 'password').send_keys(PASSWORD + '\n')
        WebDriverWait(one, 30).until(lambda b: b.find_elements(By.ID, 'graph-state'))
        for view in VIEWS:
            one.get(f'{page.url}/{view}')
            time.sleep(3.0)
            if view == 'config':
                node = 'details[data-node="/pev/session"] summary'
                one.find_element(By.CSS_SELECTOR, node).click()
            one.save_screenshot(str(folder / f'{name}-{view or "live"}.png'))
        print(name, [line['message'] for line in one.get_log('browser')])


if __name__ == '__main__':
    main()
