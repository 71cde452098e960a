# SPDX-License-Identifier: Apache-2.0
"""Which outputs and which battery make a vehicle: two choices, and what goes together."""

from dataclasses import dataclass

from plc_kit.setting import setting

OUTPUTS = ('auto', 'gpio', 'sim', 'none')
BATTERIES = ('auto', 'topic', 'can', 'parameters')
MAPS = ('clara', 'foccci')


class Contradiction(ValueError):
    """Two choices that do not go together; the text is a sentence for the user."""


@dataclass(frozen=True)
class CompositionSettings:
    """The choices, as parameters."""

    vehicle: str = setting(
        'gpio',
        'gpio: outputs by GPIO; battery: a sensor_msgs/BatteryState; can: a bridge to CAN',
        choices=('gpio', 'battery', 'can'),
    )
    outputs: str = setting(
        'auto',
        'who drives contactors, lock and pilot; auto: gpio. sim: the simulated inlet. none:'
        ' nobody, to try the battery without outputs',
        choices=OUTPUTS,
    )
    battery: str = setting(
        'auto',
        'where the pack is read: a sensor_msgs/BatteryState, CAN, or parameters for a power supply'
        ' in place of a pack; auto: what `vehicle` says, else topic',
        choices=BATTERIES,
    )
    can_map: str = setting(
        'clara',
        'messages on CAN: clara reads a battery and tells the charger; foccci only tells',
        choices=MAPS,
    )


@dataclass(frozen=True)
class Composition:
    """What a vehicle is made of."""

    outputs: str  # gpio, sim, none
    battery: str  # topic, can, parameters
    tells: str  # map by which CAN is told of the session; empty: no CAN

    @property
    def on_can(self) -> bool:
        return bool(self.tells)


def composed(wish: CompositionSettings) -> Composition:
    """Return what a wish means; raises Contradiction."""
    outputs = 'gpio' if wish.outputs == 'auto' else wish.outputs
    battery = _battery(wish)
    if wish.vehicle == 'gpio' and outputs != 'gpio':
        raise Contradiction(
            f'vehicle:=gpio has its outputs at GPIO, outputs:={outputs} goes with vehicle:=battery'
        )
    if battery == 'can' and wish.can_map != 'clara':
        raise Contradiction(
            f'can_map:={wish.can_map} carries no battery; take battery:=topic, or can_map:=clara'
        )
    on_can = wish.vehicle == 'can' or battery == 'can'
    return Composition(outputs, battery, wish.can_map if on_can else '')


def _battery(wish: CompositionSettings) -> str:
    if wish.vehicle == 'battery' and wish.battery not in ('auto', 'topic'):
        raise Contradiction(
            f'vehicle:=battery reads a topic, battery:={wish.battery} goes with vehicle:=gpio'
        )
    if wish.battery != 'auto':
        return wish.battery
    return 'can' if wish.vehicle == 'can' and wish.can_map == 'clara' else 'topic'
