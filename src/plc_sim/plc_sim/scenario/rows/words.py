# SPDX-License-Identifier: Apache-2.0
"""What the rows of several tables have in common."""

from math import inf

from plc_sim.scenario.scenario import End
from plc_sim.scenario.script import Act, Hang, Let, Octets
from v2g.schema import din
from v2g.session.stage import Stage

ANY_TIME = inf  # `End.notice` where nothing has to be noticed
CHARGED = End(fault=False, notice=ANY_TIME)  # misbehaviour that is borne
FAST = {'speed': 500.0}  # the pack is full after a second or two of current
CUT: tuple[Act, ...] = (Octets(b''), Hang())  # TCP ends in place of the message
MESSAGE_TIMEOUT = 5.0  # s, field (R26)
MISMATCH = 2.5  # s: 20 V apart for 2 s, seen first with a request after that

Status = din.DC_EVSEStatusCode
Response = din.ResponseCode

# A stage, its message without Req and Res, and the path of DC_EVSEStatus in the response.
STATUS_IN = (
    (Stage.CHARGE_PARAMETERS, 'ChargeParameterDiscovery', 'EVSEChargeParameter.DC_EVSEStatus'),
    (Stage.CABLE_CHECK, 'CableCheck', 'DC_EVSEStatus'),
    (Stage.PRECHARGE, 'PreCharge', 'DC_EVSEStatus'),
    (Stage.START, 'PowerDelivery', 'EVSEStatus'),
    (Stage.CHARGE_LOOP, 'CurrentDemand', 'DC_EVSEStatus'),
)
PAIRS = (
    (Stage.SESSION_SETUP, 'SessionSetup'),
    (Stage.SERVICE_DISCOVERY, 'ServiceDiscovery'),
    (Stage.SERVICE_SELECTION, 'ServicePaymentSelection'),
    (Stage.AUTHORIZATION, 'ContractAuthentication'),
    *((stage, message) for stage, message, _ in STATUS_IN),
)
IN_LOOP = 10  # the CurrentDemandRes at which something happens: a second of current


def snake(name: str) -> str:
    """Return cable_check for CableCheck."""
    return ''.join('_' + c.lower() if c.isupper() else c for c in name).lstrip('_')


def nth(stage: Stage) -> int:
    """Where in its loop a message is tampered with."""
    return IN_LOOP if stage is Stage.CHARGE_LOOP else 1


def again(stage: Stage) -> bool:
    """Tell whether a failure there is tried again (R5)."""
    return stage < Stage.START


def code(response: din.ResponseCode) -> Let:
    """Answer with this ResponseCode."""
    return Let({'ResponseCode': response})


def status(path: str, word: din.DC_EVSEStatusCode) -> Let:
    """Answer with this EVSEStatusCode."""
    return Let({f'{path}.EVSEStatusCode': word})
