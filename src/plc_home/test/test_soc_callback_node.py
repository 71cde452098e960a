# SPDX-License-Identifier: Apache-2.0
"""The callback's node at a real HTTP server that is slow, down, broken, hanging, or well."""

import re
import socketserver
import ssl
from threading import Thread

import pytest

from plc_home.soc_callback_node import SocCallbackNode
from plc_kit.clock import stamp
from plc_kit.diagnostics import OK, WARN
from plc_kit.qos import LATCHED
from plc_msgs.msg import CallbackStatus, ChargingVehicle

READ, EMPTY = ChargingVehicle.READ, ChargingVehicle.EMPTY


class Bench:
    """A session that tells of vehicles, and the node."""

    def __init__(self, graph, **parameters):
        self.graph, self.statuses = graph, []
        self.plugged_in = {}  # when each vehicle was
        self.publisher = graph.teller.create_publisher(
            ChargingVehicle, 'charging/vehicle', LATCHED
        )
        graph.teller.create_subscription(
            CallbackStatus, 'soc_callback/status', self.statuses.append, LATCHED
        )
        self.node = graph.make(SocCallbackNode, **{'period': 0.2, 'timeout': 1.0, **parameters})
        graph.wait(lambda: self.publisher.get_subscription_count() and self.statuses)

    def tell(self, soc, evcc_id='0123456789ab', **more):
        given = {'full_soc': 1.0, 'energy_capacity': 28_000.0, 'energy_request': 9_000.0, **more}
        given['plugged_in_at'] = self.plugged_in.setdefault(evcc_id, stamp())
        vehicle = ChargingVehicle(
            status=READ, stamp=stamp(), told_at=stamp(), soc=soc, evcc_id=evcc_id, **given
        )
        self.publisher.publish(vehicle)

    def leave(self):
        self.publisher.publish(ChargingVehicle(status=EMPTY, stamp=stamp()))

    def reaches(self, state):
        self.graph.wait(lambda: self.statuses[-1].state == state)
        return self.statuses[-1]


def test_smartevse_gets_one_post_with_the_right_numbers(graph, receiver):
    bench = Bench(graph, url=receiver.url)
    bench.tell(0.55, energy_request=float('nan'))
    told = bench.reaches(CallbackStatus.DELIVERED)
    assert (told.http_status, told.delivered, told.receiver) == (200, 1, receiver.url)
    bench.tell(0.55, energy_request=float('nan'))
    graph.spin(0.5)
    [(method, path, query, _, body)] = receiver.got
    assert (method, path, body) == ('POST', '/ev_state', b'')
    assert query == {
        'current_soc': '55',
        'full_soc': '100',
        'energy_capacity': '28000',
        'energy_request': '-1',
        'evccid': '0123456789ab',
    }


@pytest.mark.parametrize('status', [500, 404, 302])
def test_an_answer_that_is_none_of_200_is_tried_again_with_the_newest(graph, receiver, status):
    receiver.statuses.extend([status])
    bench = Bench(graph, url=receiver.url)
    bench.tell(0.5)
    failed = bench.reaches(CallbackStatus.FAILED)
    assert (failed.http_status, str(status) in failed.reason) == (status, True)
    assert failed.next_try > 0
    bench.tell(0.6)
    bench.reaches(CallbackStatus.DELIVERED)
    assert [query['current_soc'] for query in receiver.queries] == ['50', '60']


def test_a_receiver_that_is_down_gets_the_newest_when_it_is_back(graph, receiver_at, port):
    bench = Bench(graph, url=f'http://127.0.0.1:{port}/ev_state')
    bench.tell(0.5)
    bench.reaches(CallbackStatus.FAILED)
    bench.tell(0.6)
    back = receiver_at(port=port)
    bench.reaches(CallbackStatus.DELIVERED)
    assert [query['current_soc'] for query in back.queries] == ['60']


def test_a_receiver_that_hangs_holds_nothing_up_and_gets_the_newest_later(graph, receiver):
    receiver.hangs.set()
    bench = Bench(graph, url=receiver.url)
    bench.tell(0.5)
    bench.reaches(CallbackStatus.SENDING)
    ticks = []
    graph.teller.create_timer(0.05, lambda: ticks.append(1))
    bench.tell(0.6)
    assert 'no answer within 1 s' in bench.reaches(CallbackStatus.FAILED).reason
    assert len(ticks) > 5  # the executor that the session would share went on
    receiver.hangs.clear()
    bench.reaches(CallbackStatus.DELIVERED)
    assert receiver.queries[-1]['current_soc'] == '60'


def test_none_of_a_car_that_has_left_arrives_at_a_receiver_that_is_back(graph, receiver_at, port):
    bench = Bench(graph, url=f'http://127.0.0.1:{port}/ev_state')
    bench.tell(0.5, 'aaaaaaaaaaaa')
    bench.reaches(CallbackStatus.FAILED)
    bench.leave()
    assert 'left' in bench.reaches(CallbackStatus.DROPPED).reason
    back = receiver_at(port=port)
    bench.tell(0.7, 'bbbbbbbbbbbb')
    bench.reaches(CallbackStatus.DELIVERED)
    assert [query['evccid'] for query in back.queries] == ['bbbbbbbbbbbb']


def test_a_value_that_is_too_old_is_dropped(graph, port):
    bench = Bench(graph, url=f'http://127.0.0.1:{port}/', max_age=2.0)
    bench.tell(0.5)
    bench.reaches(CallbackStatus.FAILED)
    assert 'within 2 s' in bench.reaches(CallbackStatus.DROPPED).reason


class Talker(socketserver.BaseRequestHandler):
    """Takes a request, and answers with what its server has."""

    def handle(self):
        self.request.recv(4096)
        self.request.sendall(self.server.answer)


@pytest.fixture
def talker():
    """Start a server that answers every request with these octets."""
    with socketserver.TCPServer(('127.0.0.1', 0), Talker) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.parametrize(
    ('answer', 'words'),
    [
        (b'nonsense\r\n\r\n', 'none of HTTP'),
        (b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n', 'failed'),
        (b'', 'hung up'),
    ],
)
def test_what_failed_is_told_without_query_and_password(graph, talker, answer, words):
    talker.answer = answer
    port = talker.server_address[1]
    bench = Bench(graph, url=f'http://user:s3cret@127.0.0.1:{port}/soc?token=s3cret')
    bench.tell(0.5)
    reason = bench.reaches(CallbackStatus.FAILED).reason
    assert words in reason and not re.search('s3cret|user|http:|current_soc', reason)


@pytest.mark.parametrize(
    ('host', 'words'), [('127.0.0.1:99999', 'URL'), ('127.0.0.1:1', 'Connect call failed')]
)
def test_who_cannot_be_asked_is_told_without_query_and_password(graph, host, words):
    bench = Bench(graph, url=f'http://user:s3cret@{host}/soc?token=s3cret')
    bench.tell(0.5)
    reason = bench.reaches(CallbackStatus.FAILED).reason
    assert words in reason and not re.search('s3cret|user|http:|current_soc', reason)


def test_https_with_a_bearer_token_reaches_a_certificate_that_is_trusted(
    graph, receiver_at, certificate, tmp_path
):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.file, certificate.key)
    secure = receiver_at(context=context)
    token = tmp_path / 'token'
    token.write_text('s3cret\n')
    bench = Bench(graph, url=secure.url, ca_file=str(certificate.file), token_file=str(token))
    bench.tell(0.5)
    bench.reaches(CallbackStatus.DELIVERED)
    assert secure.got[0][3]['Authorization'] == 'Bearer s3cret'

    graph.remove(bench.node)
    bench = Bench(graph, url=secure.url)  # the system does not know this certificate
    bench.tell(0.6)
    assert 'certificate' in bench.reaches(CallbackStatus.FAILED).reason.lower()
    assert len(secure.got) == 1


@pytest.mark.parametrize(
    ('parameters', 'word'),
    [
        ({'url': ''}, 'no URL'),
        ({'url': 'http://box', 'token_file': '/not/there'}, '/not/there'),
        ({'url': 'http://box', 'ca_file': '/dev/null'}, 'ca_file'),
        ({'url': 'http://box', 'token_file': '/dev/null'}, '/dev/null is no file'),
        ({'url': 'http://box', 'method': 'DANCE'}, 'DANCE'),
    ],
)
def test_a_parameter_that_makes_no_sense_is_a_sentence(graph, parameters, word):
    with pytest.raises(ValueError, match=re.escape(word)):
        graph.make(SocCallbackNode, **parameters)


def test_another_receiver_is_told_once_its_url_is_set(graph, receiver, receiver_at):
    bench = Bench(graph, url=receiver.url)
    bench.tell(0.5)
    bench.reaches(CallbackStatus.DELIVERED)
    other = receiver_at()
    assert graph.set(bench.node, url=other.url).successful
    graph.wait(lambda: bench.statuses[-1].receiver == other.url)
    bench.tell(0.5)
    bench.reaches(CallbackStatus.DELIVERED)
    assert (len(receiver.got), other.queries[0]['current_soc']) == (1, '50')


def test_a_shorter_period_set_with_another_url_sends_nothing_to_the_receiver_before(
    graph, receiver, monkeypatch
):
    bench = Bench(graph, url=receiver.url, period=3600.0)
    bench.tell(0.5)
    bench.reaches(CallbackStatus.DELIVERED)
    bench.tell(0.6)
    graph.wait(lambda: bench.node._callback.next_try is not None)  # it waits for its period
    graph.spin(0.15)  # longer than the shorter one: it is due as soon as that counts
    asked = []
    monkeypatch.setattr(bench.node._http, 'send', lambda _, request: asked.append(request))
    assert graph.set(bench.node, url='http://127.0.0.1:9/new', period=0.1).successful
    posted = [one.url.partition('?')[0] for one in asked if one.method == 'POST']
    assert posted == ['http://127.0.0.1:9/new']


def test_a_url_that_is_none_is_refused_and_the_one_before_goes_on(graph, receiver):
    bench = Bench(graph, url=receiver.url)
    refused = graph.set(bench.node, url='ftp://box')
    assert not refused.successful and 'no URL' in refused.reason
    bench.tell(0.5)
    assert bench.reaches(CallbackStatus.DELIVERED).receiver == receiver.url


def test_a_shorter_period_sends_what_waits(graph, receiver):
    bench = Bench(graph, url=receiver.url, period=3600.0)
    bench.tell(0.5)
    bench.reaches(CallbackStatus.DELIVERED)
    bench.tell(0.6)
    assert graph.set(bench.node, period=0.2).successful
    graph.wait(lambda: len(receiver.got) == 2)
    assert receiver.queries[-1]['current_soc'] == '60'


SETTINGS = '{{"version": "v3.6.4", "mode": "SMART", "settings": {{{}"mains_meter": "Sensorbox"}}}}'


@pytest.mark.parametrize(
    ('modem', 'good', 'what'),
    [
        ('"modem": "Experiment", ', True, 'a SmartEVSE with a modem (Experiment)'),
        ('"modem": "QCA7000", ', False, 'it reads the vehicle itself, and takes no POST'),
        ('', False, 'built without MODEM=1: it takes no POST /ev_state'),
    ],
)
def test_desk_3_a_smartevse_is_asked_at_start_whether_it_takes_values(
    graph, receiver, modem, good, what
):
    receiver.settings = SETTINGS.format(modem).encode() + b' ' * 3000
    node = Bench(graph, url=receiver.url).node
    graph.wait(lambda: what in finding(node).message)
    assert (finding(node).level == OK) == good
    assert (receiver.asked, receiver.got) == ([('GET', '/settings')], [])


@pytest.mark.parametrize('body', [b'', b'[1]', b'{"settings": 3}', b'[' * 9000, bytes(99)])
def test_desk_3_what_answers_otherwise_than_a_smartevse_is_told(graph, receiver, body):
    receiver.settings = body
    node = Bench(graph, url=receiver.url).node
    told = f'GET /settings is answered with HTTP {200 if body else 404}, not as a SmartEVSE does'
    graph.wait(lambda: finding(node).message == told)
    assert finding(node).level == WARN


def test_desk_3_another_receiver_is_asked_for_its_options(graph, receiver):
    node = Bench(graph, url=receiver.url, content='json').node
    graph.wait(lambda: finding(node).message == 'OPTIONS is answered with HTTP 404')
    assert (receiver.asked, receiver.got) == ([('OPTIONS', '/')], [])


def test_desk_3_a_receiver_that_is_away_is_told_before_a_vehicle_comes(graph, port):
    node = Bench(graph, url=f'http://127.0.0.1:{port}/ev_state').node
    graph.wait(lambda: finding(node).message.startswith('no answer to GET /settings: '))
    assert finding(node).level == WARN


def test_desk_3_another_url_is_asked_too(graph, receiver, receiver_at):
    other = receiver_at()
    other.settings = SETTINGS.format('"modem": "QCA7000", ').encode()
    node = Bench(graph, url=receiver.url).node
    assert graph.set(node, url=other.url).successful
    graph.wait(lambda: 'v4' in finding(node).message)


def finding(node):
    """What the node says of its receiver."""
    return node._find()[1]
