# SPDX-License-Identifier: Apache-2.0
"""The page as a person uses it, in a headless Chromium, during a simulated charge."""

from browser import DESKTOP, PHONE, browser
from page_process import PASSWORD, Page
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait
import yaml

from plc_web.graph import Graph

VIEWS = ('', 'config', 'log', 'sessions', 'update', 'computer', 'api')


@pytest.fixture
def page(tmp_path, domain, network):
    """A page with a simulated vehicle and charger."""
    one = Page(
        tmp_path / 'state',
        'launch:=sim.launch.py',
        f'arguments:="network:={network} speed:=2"',
    )
    one.set_password()
    yield one
    one.end()
    graph = Graph((), one.state, one.state / 'none')
    assert not [line for line in graph.log_lines(9999) if 'referee:' in line]


class Person:
    """Looks at the page, and waits for what is to be seen."""

    def __init__(self, driver, page):
        self.driver, self.page = driver, page

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def sees(self, selector, holds=lambda text: bool(text), patience=60):
        """Wait until an element shows a text that will do, and return the text."""

        def look(_):
            found = [one.text for one in self.driver.find_elements(By.CSS_SELECTOR, selector)]
            return next((text for text in found if holds(text)), None)

        return WebDriverWait(self.driver, patience, ignored_exceptions=(Exception,)).until(look)

    def clicks(self, selector):
        def ready(_):
            one = self.find(selector)
            return one.is_displayed() and one.is_enabled() and one

        WebDriverWait(self.driver, 30).until(ready).click()

    def opens(self, view):
        self.driver.get(f'{self.page.url}/{view}')

    def logs_in(self, password=PASSWORD):
        self.opens('')
        assert self.driver.current_url.endswith('/login')
        self.find('[name=password]').send_keys(password + '\n')

    def complaints(self):
        """What the browser has on its console, as a policy that was broken."""
        told = [line['message'] for line in self.driver.get_log('browser')]
        return [text for text in told if 'chrome://' not in text]  # that is its start page


def number(text):
    try:
        return float(text)
    except ValueError:
        return None


def test_log_in_watch_a_charge_change_a_parameter_read_the_log_and_stop(page):
    with browser(DESKTOP) as driver:
        person = Person(driver, page)
        person.logs_in('not the password')
        person.sees('.why', lambda text: 'not the password' in text)
        person.logs_in()
        person.sees('#graph-state', lambda text: text == 'is down')
        person.clicks('#graph-start')
        person.clicks('#dialog-yes')
        person.sees('#stage', lambda text: text == 'Charging', 120)
        first = person.sees('#energy', lambda text: (number(text) or 0) > 0)
        person.sees('#energy', lambda text: (number(text) or 0) > number(first))
        assert number(person.sees('#voltage')) > 300 and number(person.sees('#current')) > 1
        person.sees('#chargers td', lambda text: text == '02:65:76:73:65:01')
        assert drawn(driver, 'chart-current') and drawn(driver, 'attenuation')
        ActionChains(driver).move_to_element(person.find('#chart-voltage .over')).perform()
        at_cursor = person.sees('#chart-current .legend b')
        assert at_cursor.endswith(' A') and number(at_cursor[:-2]) is not None
        assert len(driver.find_elements(By.CSS_SELECTOR, '#rungs li.up')) == 6
        assert not person.find('#graph-restart').is_enabled()

        person.opens('config')
        person.clicks('details[data-node="/pev/session"] summary')
        choose(person, '/pev/session timers', 'standard')
        person.clicks('#save')
        person.sees('.toast', lambda text: text == 'saved')
        person.sees('#note', lambda text: 'next start' in text)
        saved = yaml.safe_load((page.state / 'parameters.yaml').read_text())
        assert saved == {'/pev/session': {'ros__parameters': {'timers': 'standard'}}}

        person.opens('log')
        person.sees('.line .text', lambda text: 'CHARGE_LOOP' in text)
        person.find('#text').send_keys('no such line')
        WebDriverWait(driver, 30).until(lambda b: not b.find_elements(By.CSS_SELECTOR, '.line'))

        person.opens('')
        person.clicks('#stop')
        person.sees('dialog h1', lambda text: 'Stop the charge?' in text)
        person.clicks('dialog button[type=button]')  # no, after all
        assert page.side()['stage_name'] == 'CHARGE_LOOP'
        person.clicks('#stop')
        person.clicks('#dialog-yes')
        person.sees('#stage', lambda text: text == 'Finished')
        assert person.complaints() == []


def test_a_limit_of_a_node_that_runs_is_lowered_at_once(start, page):
    start('ros2', 'run', 'v2g', 'session', '--ros-args', '-r', '__ns:=/pev')
    page.wait_until(lambda: page.told('/api/parameters')['live'])
    with browser(PHONE) as driver:
        person = Person(driver, page)
        person.logs_in()
        person.opens('config')
        person.clicks('details[data-node="/pev/session"] summary')
        row = '[data-name="/pev/session max_current"]'
        person.sees(f'{row} .now', lambda text: text == 'at once; in a session only lower')
        most = person.find(f'{row} input')
        most.clear()
        most.send_keys('15')
        person.clicks('#save')
        person.sees('.toast', lambda text: text == 'It counts from now on.')
        told = page.told('/api/parameters')['parameters']
        [most] = [one for one in told if one['name'] == 'max_current']
        assert (most['value'], most['pending']) == (15.0, False)
        assert person.complaints() == []


def drawn(driver, chart):
    """Tell whether anything but the ground is on a chart."""
    script = (
        'const c = document.querySelector(`#${arguments[0]} .drawn`);'
        'return c.getContext("2d").getImageData(0, 0, c.width, c.height).data.some((v) => v > 0)'
    )
    return driver.execute_script(script, chart)


def choose(person, label, choice):
    Select(person.find(f'select[aria-label="{label}"]')).select_by_visible_text(choice)


@pytest.mark.parametrize('size', [DESKTOP, PHONE])
def test_every_view_fits_the_screen_and_breaks_no_policy(page, size):
    with browser(size) as driver:
        person = Person(driver, page)
        person.logs_in()
        for view in VIEWS:
            person.opens(view)
            person.sees('h1')
            wide, screen = driver.execute_script(
                'return [document.documentElement.scrollWidth, window.innerWidth]'
            )
            assert wide <= screen, view
        person.clicks('#logout')
        WebDriverWait(driver, 30).until(lambda b: b.current_url.endswith('/login'))
        assert person.complaints() == []
