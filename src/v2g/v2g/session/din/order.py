# SPDX-License-Identifier: Apache-2.0
"""Who may follow whom in DIN 70121 (DC)."""

from v2g.session.exchange import Step

# After the step on the left has been answered, the vehicle may ask for one on the right.
# fmt: off
FOLLOWS: dict[Step | None, tuple[Step, ...]] = {
    None:                   (Step.SESSION_SETUP,),
    Step.SESSION_SETUP:     (Step.SERVICE_DISCOVERY,),
    Step.SERVICE_DISCOVERY: (Step.SERVICE_SELECTION,),
    Step.SERVICE_SELECTION: (Step.AUTHORIZATION,),
    Step.AUTHORIZATION:     (Step.AUTHORIZATION, Step.CHARGE_PARAMETERS),
    Step.CHARGE_PARAMETERS: (Step.CHARGE_PARAMETERS, Step.CABLE_CHECK),
    Step.CABLE_CHECK:       (Step.CABLE_CHECK, Step.PRECHARGE),
    Step.PRECHARGE:         (Step.PRECHARGE, Step.START),
    Step.START:             (Step.CHARGE_LOOP,),
    Step.CHARGE_LOOP:       (Step.CHARGE_LOOP,),
    Step.STOP:              (Step.WELDING_DETECTION,),
    Step.WELDING_DETECTION: (Step.WELDING_DETECTION,),
    Step.SESSION_STOP:      (),
}
# fmt: on
ALWAYS = (Step.STOP, Step.SESSION_STOP)  # R2: once there is a session


def may_follow(last: Step | None, ongoing: bool, step: Step) -> bool:
    """Tell whether `step` is allowed now; `ongoing`: the last answer said so."""
    if step in ALWAYS:
        return last is not None
    return step is last if ongoing else step in FOLLOWS[last]
