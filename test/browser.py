# SPDX-License-Identifier: Apache-2.0
"""A headless Chromium for tests of the page; without one they skip, with the reason."""

from contextlib import contextmanager
import shutil
import tempfile

import pytest

DESKTOP, PHONE = (1280, 900), (390, 844)
_FLAGS = (
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--disable-dev-shm-usage', '--force-prefers-reduced-motion',
)  # fmt: skip


@contextmanager
def browser(size=DESKTOP, scheme='light'):
    """Give a browser with a profile of its own."""
    chromium, driver = shutil.which('chromium'), shutil.which('chromedriver')
    if not chromium or not driver:
        pytest.skip('needs chromium and chromium-driver (tools/ci_packages.sh)')
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    with tempfile.TemporaryDirectory() as profile:
        options = webdriver.ChromeOptions()
        options.binary_location = chromium
        width, height = size
        window = f'--window-size={width},{height}'
        for flag in (*_FLAGS, window, f'--user-data-dir={profile}'):
            options.add_argument(flag)
        options.set_capability('goog:loggingPrefs', {'browser': 'WARNING'})
        one = webdriver.Chrome(options=options, service=Service(driver))
        try:
            if size == PHONE:
                metrics = {
                    'width': width,
                    'height': height,
                    'deviceScaleFactor': 2,
                    'mobile': True,
                }
                one.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', metrics)
            media = {'features': [{'name': 'prefers-color-scheme', 'value': scheme}]}
            one.execute_cdp_cmd('Emulation.setEmulatedMedia', media)
            yield one
        finally:
            one.quit()
