# SPDX-License-Identifier: Apache-2.0
"""The page in a real browser: it opens without a network, zooms, searches, and shows no error."""

import json
import shutil

import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

from plc_log.report.command import main

BROWSER, DRIVER = shutil.which('chromium'), shutil.which('chromedriver')
QUIET = (
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--disable-dev-shm-usage', '--window-size=1280,1000',
)  # fmt: skip

PLACE = 'return arguments[0].getBoundingClientRect().top'

pytestmark = pytest.mark.skipif(
    not (BROWSER and DRIVER), reason='chromium and chromium-driver are not installed'
)


@pytest.fixture
def browser(tmp_path):
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    for argument in (*QUIET, f'--user-data-dir={tmp_path / "profile"}'):
        options.add_argument(argument)
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL', 'performance': 'ALL'})
    driver = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
    yield driver
    driver.quit()


@pytest.fixture
def opened(browser, bag, tmp_path):
    """The page of a charge, drawn."""
    page = tmp_path / 'page.html'
    assert main(['-o', str(page), str(bag)]) == 0
    browser.get(page.as_uri())
    waiting(browser).until(lambda b: attribute(b, 'ready') == 'true')
    return browser


def waiting(browser):
    return WebDriverWait(browser, 60)


def attribute(browser, name):
    return browser.execute_script('return document.body.dataset[arguments[0]]', name)


def shown_range(browser):
    return [float(edge) for edge in attribute(browser, 'range').split()]


def still(browser, element):
    """Wait until scrolling, which is smooth, has come to its end."""
    places = [object()]

    def stands(_):
        places.append(browser.execute_script(PLACE, element))
        return places[-1] == places[-2]

    waiting(browser).until(stands)


def messages(browser):
    return browser.find_elements(By.CSS_SELECTOR, '#list details')


def test_page_draws_its_plots_and_complains_of_nothing(opened):
    for name in ('volts', 'amperes', 'power', 'soc', 'answers', 'attenuation'):
        canvas = opened.find_element(By.CSS_SELECTOR, f'#plot-{name} canvas')
        drawn = 'return new Set(arguments[0].getContext("2d").getImageData(0, 0, \
            arguments[0].width, arguments[0].height).data).size'
        assert opened.execute_script(drawn, canvas) > 10
    told = [one['message'] for one in opened.get_log('browser')]
    assert [text for text in told if 'chrome://' not in text] == []  # that is its start page


def test_page_loads_nothing_but_itself(opened):
    asked = opened.execute_script('return performance.getEntriesByType("resource").length')
    assert asked == 0
    told = [json.loads(one['message'])['message'] for one in opened.get_log('performance')]
    sent = [one['params'] for one in told if one['method'] == 'Network.requestWillBeSent']
    own = [one['request']['url'] for one in sent if one['documentURL'] == opened.current_url]
    assert [url for url in own if not url.startswith('data:')] == [opened.current_url]


def drawn(browser):
    """What each of the plots over time shows."""
    names = ('volts', 'amperes', 'power', 'soc', 'answers')
    picture = 'return document.querySelector(arguments[0]).toDataURL()'
    return [browser.execute_script(picture, f'#plot-{name} .drawn') for name in names]


def values(browser, name):
    """What the legend of a plot tells at the cursor."""
    told = browser.find_elements(By.CSS_SELECTOR, f'#plot-{name} .legend b')
    return [one.text for one in told]


def test_cursor_tells_what_all_plots_have_at_its_time(opened):
    over = opened.find_element(By.CSS_SELECTOR, '#plot-volts .over')
    opened.execute_script('arguments[0].scrollIntoView({block: "center"})', over)
    still(opened, over)
    assert values(opened, 'volts') == ['', '']
    ActionChains(opened).move_to_element_with_offset(over, 300, 0).perform()
    waiting(opened).until(lambda b: all(values(b, 'volts')))
    assert values(opened, 'volts') == ['400.0 V', '420.0 V']
    assert values(opened, 'amperes') == ['100.0 A', '100.0 A']
    assert values(opened, 'power') == ['40.00 kW']


def test_dragging_over_a_plot_zooms_all_of_them(opened):
    whole, pictures = shown_range(opened), drawn(opened)
    over = opened.find_element(By.CSS_SELECTOR, '#plot-volts .over')
    opened.execute_script('arguments[0].scrollIntoView({block: "center"})', over)
    still(opened, over)
    drag = ActionChains(opened).move_to_element_with_offset(over, -100, 0).click_and_hold()
    drag.move_by_offset(120, 0).release().perform()
    waiting(opened).until(lambda b: shown_range(b) != whole)
    begin, end = shown_range(opened)
    assert end - begin < (whole[1] - whole[0]) / 3
    assert all(now != before for now, before in zip(drawn(opened), pictures, strict=True))
    ActionChains(opened).double_click(over).perform()
    waiting(opened).until(lambda b: shown_range(b) == whole)
    assert drawn(opened) == pictures


def test_stage_zooms_the_plots_to_itself(opened):
    [stage] = [
        one
        for one in opened.find_elements(By.CSS_SELECTOR, '#stagelist button')
        if 'CABLE_CHECK' in one.text
    ]
    stage.click()
    waiting(opened).until(lambda b: shown_range(b)[1] - shown_range(b)[0] < 8)


def test_messages_are_searched_and_opened(opened):
    total = opened.find_element(By.ID, 'found').text
    field = opened.find_element(By.ID, 'search')
    field.send_keys('currentdemandres 400')
    waiting(opened).until(lambda b: b.find_element(By.ID, 'found').text != total)
    waiting(opened).until(lambda b: b.find_element(By.ID, 'found').text.startswith('100 of'))
    names = {one.find_element(By.CLASS_NAME, 'name').text for one in messages(opened)}
    assert names == {'CurrentDemandRes'}
    first = messages(opened)[0]
    opened.execute_script('arguments[0].scrollIntoView({block: "center"})', first)
    still(opened, first)
    first.find_element(By.TAG_NAME, 'summary').click()
    waiting(opened).until(lambda b: first.find_elements(By.TAG_NAME, 'dd'))
    assert 'EVSEPresentVoltage' in first.text
    field.send_keys(' nowhere')
    waiting(opened).until(lambda b: not messages(b))


def test_theme_changes(opened):
    ground = 'return getComputedStyle(document.body).backgroundColor'
    before = opened.execute_script(ground)
    opened.find_element(By.ID, 'theme').click()
    waiting(opened).until(lambda b: b.execute_script(ground) != before)


def test_page_fits_a_phone(opened):
    opened.set_window_size(500, 900)
    wide = 'return document.documentElement.scrollWidth - document.documentElement.clientWidth'
    waiting(opened).until(lambda b: b.execute_script(wide) <= 0)
