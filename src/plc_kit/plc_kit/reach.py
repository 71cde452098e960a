# SPDX-License-Identifier: Apache-2.0
"""How far the ROS graph reaches: to this computer's end, unless the user asks for more (R27).

A middleware reads that from the environment, and the setup.bash of a ROS 2 has written SUBNET
there. So each process of ours puts its environment right before it joins the graph, and env.sh
that of a shell: eval "$(python3 -m plc_kit.reach)". It needs nothing but Python.
"""

from collections.abc import Mapping, MutableMapping
from contextlib import suppress
import os
from pathlib import Path
import shlex
import sys

ASKED, ANY_RMW = 'CCS_DISCOVERY_RANGE', 'CCS_ANY_RMW'  # ours: set by a user on purpose
HERE, NETWORK = 'LOCALHOST', 'SUBNET'
RANGE = 'ROS_AUTOMATIC_DISCOVERY_RANGE'
FAST_DDS = 'rmw_fastrtps_cpp'
# What brings others in, one by one; and a file out of which Fast DDS takes any variable.
OPENERS = (
    'ROS_STATIC_PEERS', 'ROS_DISCOVERY_SERVER', 'ROS2_EASY_MODE', 'FASTDDS_ENVIRONMENT_FILE',
)  # fmt: skip
PROFILES = {
    asked: Path(__file__).with_name(f'ros2_ccs_{asked.lower()}.xml') for asked in (HERE, NETWORK)
}
NEW, OLD = 'FASTDDS_DEFAULT_PROFILES_FILE', 'FASTRTPS_DEFAULT_PROFILES_FILE'  # since Fast DDS 3

Variables = dict[str, str | None]  # None: not set


def settle(env: MutableMapping[str, str], rmw: str = '') -> tuple[Variables, str]:
    """Put an environment right; return what was changed, and a sentence for the user, or ''.

    rmw: the middleware that is loaded; else the one that the environment names. Raises ValueError
    with a sentence where nobody could say who is let in.
    """
    rmw = rmw or env.get('RMW_IMPLEMENTATION') or FAST_DDS
    wanted = decide(env, rmw)
    changes = {name: value for name, value in wanted.items() if env.get(name) != value}
    said = _sentence(env, wanted, rmw) if changes else ''
    for name, value in changes.items():
        if value is None:
            del env[name]
        else:
            env[name] = value
    return changes, said


def decide(env: Mapping[str, str], rmw: str) -> Variables:
    """Return the variables as they have to be; raises ValueError as `settle` does."""
    asked = env.get(ASKED) or HERE
    if asked not in PROFILES:
        raise ValueError(f'{ASKED}={asked} is neither {HERE} nor {NETWORK} (R27)')
    ranges: Variables = {RANGE: asked, 'ROS_LOCALHOST_ONLY': None}
    if asked == HERE:
        ranges |= dict.fromkeys(OPENERS)
    if rmw.startswith('rmw_fastrtps'):
        return ranges | _fast_dds(env, asked)
    if env.get(ANY_RMW) != '1':
        raise ValueError(
            f'{rmw} was not tried with ros2_ccs, and whom it lets in is not known: unset'
            f' RMW_IMPLEMENTATION for {FAST_DDS}, or set {ANY_RMW}=1 at your own risk (R27)'
        )
    return ranges


def _fast_dds(env: Mapping[str, str], asked: str) -> Variables:
    """Return what Fast DDS needs beside the range: the profile, unless the user has one."""
    more: Variables = {name: None for name in (NEW, OLD) if _is_ours(env.get(name, ''))}
    if asked == NETWORK:
        more['FASTDDS_BUILTIN_TRANSPORTS'] = env.get('FASTDDS_BUILTIN_TRANSPORTS') or 'UDPv4'
    if own_profile(env):
        return more
    if not PROFILES[asked].is_file():
        raise ValueError(f'the profile of Fast DDS is not installed: {PROFILES[asked]} (R27)')
    more[_names(env)[0]] = str(PROFILES[asked])
    if asked == HERE:  # the profile says all, and no other file may: one in the working folder
        more |= {RANGE: 'SYSTEM_DEFAULT', 'SKIP_DEFAULT_XML_FILE': '1'}
    return more


def own_profile(env: Mapping[str, str]) -> str:
    """Return the profile of the user's own that Fast DDS would read, or ''."""
    return next((one for one in _named_by_user(env) if Path(one).is_file()), '')


def _named_by_user(env: Mapping[str, str]) -> list[str]:
    found = (env.get(name, '') for name in _names(env))
    return [one for one in found if one and not _is_ours(one)]


def _is_ours(profile: str) -> bool:
    """Tell a profile of ours, also one of another release, by its name."""
    return Path(profile).name in {one.name for one in PROFILES.values()}


def _names(env: Mapping[str, str]) -> tuple[str, ...]:
    """Return the variables in which the installed Fast DDS looks for a profile, the best first.

    With Fast DDS 3 the RMW still takes the older one, with a line of warning.
    """
    for prefix in env.get('AMENT_PREFIX_PATH', '').split(os.pathsep):
        if (Path(prefix) / 'lib/libfastdds.so').exists():
            break
        if (Path(prefix) / 'lib/libfastrtps.so').exists():
            return (OLD,)
    return (NEW, OLD)


def _sentence(env: Mapping[str, str], wanted: Variables, rmw: str) -> str:
    """Say how far it reaches; nothing where nobody asked for more, nor has a say beside us."""
    more, beside = _asked_for_more(env, wanted), _beside_us(env, rmw)
    if env.get(ASKED) == NETWORK:
        domain = env.get('ROS_DOMAIN_ID') or '0'
        return (
            f'the graph reaches the network, and whoever is in ROS domain {domain} there can'
            f' close contactors ({ASKED}={NETWORK}, R27){beside}'
        )
    if not more and not beside:
        return ''
    whatever = f', whatever {" and ".join(more)} would have' if more else ''
    return f'the graph ends at this computer{whatever}; {ASKED}={NETWORK} opens it (R27){beside}'


def _asked_for_more(env: Mapping[str, str], wanted: Variables) -> list[str]:
    more = [name for name in OPENERS if env.get(name)]
    if (env.get(RANGE) or HERE) not in (HERE, wanted[RANGE]):
        more.insert(0, f'{RANGE}={env[RANGE]}')
    return more


def _beside_us(env: Mapping[str, str], rmw: str) -> str:
    """Say who else decides whom to let in."""
    if not rmw.startswith('rmw_fastrtps'):
        return f'; that is up to {rmw}, with which it was not tried'
    if own := own_profile(env):
        return f'; whom else it lets in is up to the profile {own}'
    missing = _named_by_user(env)
    return f'; the profile {missing[0]} is not there' if missing else ''


def strangers_hear(domain: int) -> list[int]:
    """Return the ports of a DDS domain at which this process listens beyond the computer."""
    first = 7400 + 250 * domain  # of RTPS, as are 250 for each domain
    own, found = _inodes(), []
    for row in Path('/proc/self/net/udp').read_text().splitlines()[1:]:
        address, _, port = row.split()[1].partition(':')
        beyond = address != '0100007F' and int(row.split()[9]) in own
        if beyond and first <= int(port, 16) < first + 250:
            found.append(int(port, 16))
    return sorted(found)


def _inodes() -> set[int]:
    found = set()
    for one in os.listdir('/proc/self/fd'):
        with suppress(OSError):  # closed meanwhile, by a thread of the middleware
            found.add(os.fstat(int(one)).st_ino)
    return found


def main() -> None:
    """Print what a shell has to do; where it cannot be settled, as little as possible is open."""
    try:
        changes, said = settle(dict(os.environ))
    except ValueError as error:
        changes, said = {RANGE: HERE, **dict.fromkeys(OPENERS)}, str(error)
    for name, value in changes.items():
        line = f'unset {name}' if value is None else f'export {name}={shlex.quote(value)}'
        sys.stdout.write(f'{line}\n')
    if said:
        sys.stderr.write(f'ros2_ccs: {said}\n')


if __name__ == '__main__':
    main()
