# SPDX-License-Identifier: Apache-2.0
"""What EXI costs here: messages a second, both engines, and beside them EXIficient where it is.

All that is compared runs in turns, a slice of a few milliseconds each, so that a busy machine
slows all of them alike; printed are medians over the turns, and medians of the ratio in each turn.
"""

from collections.abc import Callable
import importlib.util
import json
from pathlib import Path
import platform
from statistics import median
import sys
import time
from typing import Any

from v2g.exi import decode, encode, twin
from v2g.exi.builders import Builders
from v2g.exi.engines import engine_named
from v2g.exi.flatteners import Flatteners
from v2g.exi.grammar import grammar_of
from v2g.schema import din

TURNS = 41
SLICE = 0.004  # seconds
SESSION = bytes(range(1, 9))


def message(body: Any) -> din.V2G_Message:
    """A body in a message of a session."""
    return din.V2G_Message(Header=din.MessageHeader(SessionID=SESSION), Body=body)


def certificates(octets: int) -> din.CertificateChain:
    """A chain of so many octets and 800, in certificates of 1200 as the standard allows."""
    sub = [bytes(min(1200, octets - at)) for at in range(0, octets, 1200)]
    return din.CertificateChain(
        Certificate=bytes(800), SubCertificates=din.SubCertificates(Certificate=sub)
    )


EV = din.DC_EVStatus(EVReady=True, EVErrorCode=din.DC_EVErrorCode.NO_ERROR, EVRESSSOC=57)
EVSE = din.DC_EVSEStatus(
    EVSEIsolationStatus=din.IsolationLevel.Valid,
    EVSEStatusCode=din.DC_EVSEStatusCode.EVSE_Ready,
    NotificationMaxDelay=0,
    EVSENotification=din.EVSENotification.None_,
)
CURRENT_DEMAND_RES = message(
    din.CurrentDemandRes(
        ResponseCode=din.ResponseCode.OK,
        DC_EVSEStatus=EVSE,
        EVSEPresentVoltage=414.0,
        EVSEPresentCurrent=10.0,
        EVSECurrentLimitAchieved=False,
        EVSEVoltageLimitAchieved=False,
        EVSEPowerLimitAchieved=False,
    )
)
SCHEDULE = din.SAScheduleTuple(
    SAScheduleTupleID=1,
    PMaxSchedule=din.PMaxSchedule(
        PMaxScheduleID=1,
        PMaxScheduleEntry=[
            din.PMaxScheduleEntry(
                TimeInterval=din.RelativeTimeInterval(start=0, duration=86400), PMax=32000
            )
        ],
    ),
)
MESSAGES = {
    'CurrentDemandReq': message(
        din.CurrentDemandReq(
            DC_EVStatus=EV,
            EVTargetCurrent=20.5,
            EVMaximumVoltageLimit=420.0,
            BulkChargingComplete=False,
            ChargingComplete=False,
            RemainingTimeToFullSoC=1200.0,
            EVTargetVoltage=400.0,
        )
    ),
    'CurrentDemandRes': CURRENT_DEMAND_RES,
    'ChargeParameterDiscoveryRes': message(
        din.ChargeParameterDiscoveryRes(
            ResponseCode=din.ResponseCode.OK,
            EVSEProcessing=din.EVSEProcessing.Finished,
            SASchedules=din.SAScheduleList(SAScheduleTuple=[SCHEDULE]),
            EVSEChargeParameter=din.DC_EVSEChargeParameter(
                DC_EVSEStatus=EVSE,
                EVSEMaximumCurrentLimit=125.0,
                EVSEMaximumPowerLimit=50000.0,
                EVSEMaximumVoltageLimit=500.0,
                EVSEMinimumCurrentLimit=1.0,
                EVSEMinimumVoltageLimit=200.0,
                EVSEPeakCurrentRipple=5.0,
            ),
        )
    ),
    'PaymentDetailsReq': message(
        din.PaymentDetailsReq(
            ContractID='DE8AA1A2B3C4D5', ContractSignatureCertChain=certificates(2400)
        )
    ),
}


def measure(subjects: dict[str, Callable[[], Any]]) -> dict[str, list[float]]:
    """Seconds a call of each subject, in each turn."""
    counts = {name: calls_in_a_slice(call) for name, call in subjects.items()}
    took: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(TURNS):
        for name, call in subjects.items():
            started = time.perf_counter()
            for _ in range(counts[name]):
                call()
            took[name].append((time.perf_counter() - started) / counts[name])
    return took


def calls_in_a_slice(call: Callable[[], Any]) -> int:
    """How many calls fill a turn."""
    for _ in range(4):  # the third time, a shape is compiled
        call()
    started = time.perf_counter()
    call()
    return max(1, int(SLICE / (time.perf_counter() - started)))


def exificient() -> Any:
    """EXIficient as the iso15118 package drives it: a Java process behind py4j; None without."""
    package = importlib.util.find_spec('iso15118')
    if package is None or importlib.util.find_spec('py4j') is None or not package.origin:
        return None
    from py4j.java_gateway import JavaGateway

    jar = Path(package.origin).parent / 'shared' / 'EXICodec.jar'
    options = ['--add-opens', 'java.base/java.lang=ALL-UNNAMED']
    gateway = JavaGateway.launch_gateway(classpath=str(jar), die_on_exit=True, javaopts=options)
    return gateway.jvm.com.siemens.ct.exi.main.cmd.EXICodec()


def per_second(seconds: list[float]) -> str:
    """Calls a second, in the middle."""
    return f'{1 / median(seconds):,.0f}'


def ratio(slow: list[float], fast: list[float]) -> str:
    """How many times the fast one is faster, in the middle."""
    return f'{median(a / b for a, b in zip(slow, fast, strict=True)):,.0f}'


def compare_messages(java: Any) -> None:
    """First table: bytes to typed message, and typed message to bytes."""
    print(f'{"":34}{"octets":>7}{"C":>11}{"Python":>9}{"ratio":>7}{"EXIficient":>12}{"ratio":>8}')
    for name, one in MESSAGES.items():
        octets = encode(din, one)
        for verb, subjects in subjects_of(octets, one, java).items():
            took = measure(subjects)
            columns = f'{len(octets):7}{per_second(took["c"]):>11}{per_second(took["python"]):>9}'
            columns += f'{ratio(took["python"], took["c"]):>7}'
            if 'java' in took:
                columns += f'{per_second(took["java"]):>12}{ratio(took["java"], took["c"]):>8}'
            print(f'{verb} {name:27}{columns}')


def subjects_of(octets: bytes, one: Any, java: Any) -> dict[str, dict[str, Callable[[], Any]]]:
    """The calls to compare: by verb, then by who does it."""
    c, python = engine_named('c'), engine_named('python')
    found: dict[str, dict[str, Callable[[], Any]]] = {
        'decode': {
            'c': lambda: decode(din, octets, engine=c),
            'python': lambda: decode(din, octets, engine=python),
        },
        'encode': {
            'c': lambda: encode(din, one, engine=c),
            'python': lambda: encode(din, one, engine=python),
        },
    }
    if java is not None:
        text, space = json.dumps(one.fields()), din.DEFINITION
        add_where_able(found['decode'], lambda: json.loads(java.decode(octets, space)))
        add_where_able(found['encode'], lambda: java.encode(text, space))
    return found


def add_where_able(subjects: dict[str, Callable[[], Any]], call: Callable[[], Any]) -> None:
    """EXIficient's jar cannot decode base64 on a Java without javax.mail: then it is left out."""
    from py4j.protocol import Py4JError

    try:
        call()
    except Py4JError:
        return
    subjects['java'] = call


def show_stages(java: Any) -> None:
    """Second table: where the time of a CurrentDemandRes goes, there and back."""
    from v2g.exi import native

    octets, grammar = encode(din, CURRENT_DEMAND_RES), grammar_of(din)
    table, inlet, outlet = native.table_of(grammar), native.Inlet(2048), native.Outlet(2048)
    flat, _ = native.decode(grammar, octets)
    choices, values, blob = flat
    packed = native.packer(len(values))(*values)
    sent = choices, len(choices), packed, len(values), blob, len(blob), 0
    builders, flatteners = Builders(grammar), Flatteners(grammar)
    lib, length = native.lib, len(octets)
    took = measure(
        {
            'octets to flat form, in C': lambda: lib.exi_decode(
                table.table, octets, length, 0, inlet.flat, inlet.report
            ),
            'the flat form as Python values': lambda: native.decode(grammar, octets),
            'the message from them': lambda: builders.build(flat),
            'octets to message': lambda: decode(din, octets),
            'message to Python values': lambda: flatteners.flatten(CURRENT_DEMAND_RES),
            'flat form to octets, in C': lambda: lib.exi_encode(
                table.table, *sent, outlet.stream, outlet.room, outlet.report
            ),
            'message to octets': lambda: encode(din, CURRENT_DEMAND_RES),
            'octets to message to octets': lambda: encode(din, decode(din, octets)),
            'the same in Python': lambda: encode(
                din, decode(din, octets, engine=twin), engine=twin
            ),
        }
    )
    if java is not None:
        took |= measure({'the same by EXIficient': lambda: there_and_back(java, octets)})
    took['the flat form as Python values'] = [
        whole - part
        for whole, part in zip(
            took['the flat form as Python values'], took['octets to flat form, in C'], strict=True
        )
    ]
    for name, seconds in took.items():
        print(f'{name:34}{median(seconds) * 1e6:10.2f} us {per_second(seconds):>12} a second')


def there_and_back(java: Any, octets: bytes) -> Any:
    """Decoded and encoded again, through JSON as the package does."""
    parsed = json.loads(java.decode(octets, din.DEFINITION))
    return java.encode(json.dumps(parsed), din.DEFINITION)


def show_sizes() -> None:
    """Third table: cost against size, a PaymentDetailsReq with a certificate chain."""
    print(
        f'{"octets":>8}{"C decode":>14}{"C encode":>14}{"Python decode":>16}{"Python encode":>16}'
    )
    for kilobytes in (1, 2, 4, 8, 16, 32, 62):
        one = message(
            din.PaymentDetailsReq(
                ContractID='DE8AA1A2B3C4D5',
                ContractSignatureCertChain=certificates(1024 * kilobytes),
            )
        )
        octets = encode(din, one)
        found = subjects_of(octets, one, None)
        subjects = {
            f'{verb} {engine}': call
            for verb, engines in found.items()
            for engine, call in engines.items()
        }
        took = {name: median(each) for name, each in measure(subjects).items()}
        shown = (took[key] for key in ('decode c', 'encode c', 'decode python', 'encode python'))
        columns = (f'{each * 1e6:.1f} us' for each in shown)
        print('{:8}{:>14}{:>14}{:>16}{:>16}'.format(len(octets), *columns))


def main() -> int:
    """Print the three tables; 1 where the engine in C is not built."""
    try:
        engine_named('c')
    except ImportError as error:
        print(f'bench_exi: the engine in C is not built: {error}', file=sys.stderr)
        return 1
    java = exificient()
    print(f'Python {platform.python_version()}, one thread, medians of {TURNS} turns\n')
    print('Messages a second, typed message to octets and back')
    compare_messages(java)
    if java is None:
        print(
            'EXIficient is not compared: it needs Java, and `pip install --no-deps iso15118 py4j`'
        )
    print('\nA CurrentDemandRes there and back (a call from Python into C is in its lines)')
    show_stages(java)
    print('\nCost against size')
    show_sizes()
    return 0


if __name__ == '__main__':
    sys.exit(main())
