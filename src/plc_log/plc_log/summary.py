# SPDX-License-Identifier: Apache-2.0
"""`ros2 run plc_log summary BAG`: the stages of a recorded session, and how it ended."""

import argparse
from math import isnan
from pathlib import Path
import sys

from plc_kit.readable import readable
from plc_log.bag.decoded import Bag, of_session
from plc_log.bag.shapes import STATE
from plc_log.capture import Unreadable
from plc_log.each import say
from plc_log.stages import FINISHED, Story

VERB = 'summary'


def main(arguments: list[str] | None = None) -> int:
    """Print the table; 0: the vehicle's session finished, 1: it did not, 2: nothing to read."""
    options = _parser().parse_args(arguments)
    try:
        bag = Bag(options.bag)
        stories = stories_of(bag)
    except (Unreadable, OSError) as error:
        say(VERB, str(error))
        return 2
    except KeyboardInterrupt:
        return 1
    if bag.flaw:
        say(VERB, bag.flaw)
    if not stories:
        say(VERB, f'{options.bag} holds no {STATE[1:]}')
        return 2
    return _report(stories, options.bag)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=VERB,
        description='Print the stages of a recorded session, the energy taken and the outcome.',
        epilog="The status is 0 where the vehicle's session finished, else 1.",
    )
    parser.add_argument('bag', type=Path, metavar='BAG', help='folder of a bag')
    return parser


def stories_of(bag: Bag) -> dict[str, Story]:
    """Return what each side of a bag tells, by the topic's name; raises Unreadable."""
    stories: dict[str, Story] = {}
    for recorded in bag.messages(STATE):
        with of_session(bag.path):
            stamp = recorded.message.stamp
            story = stories.setdefault(recorded.topic, Story())
            story.take(recorded.message, stamp.sec + stamp.nanosec * 1e-9)
    return stories


def _report(stories: dict[str, Story], bag: Path) -> int:
    vehicles = [story for story in stories.values() if story.role == 'pev']
    story = (vehicles or list(stories.values()))[0]
    sys.stdout.write(table(story) + f'{outcome(story)}\nbag      {readable(str(bag))}\n')
    if story.outcome == FINISHED:
        return 0
    say(VERB, failure(story))
    return 1


def table(story: Story) -> str:
    """Return the stages as text, a line each, s since the first one's beginning."""
    lines = [f'{"stage":20}{"begins":>10}{"lasts":>10}']
    for step in story.steps:
        begins = step.begin - story.steps[0].begin
        lines.append(f'{step.name:20}{begins:8.2f} s{step.duration:8.2f} s')
    return '\n'.join(lines) + '\n\n'


def outcome(story: Story) -> str:
    """Return what was taken, and how it ended, a line each."""
    lines = [f'energy   {story.energy:.0f} Wh']
    if not isnan(story.first_soc):
        lines.append(f'SoC      {story.first_soc:.1%} to {story.last_soc:.1%}')
    if not isnan(story.peak_power):
        lines.append(f'power    {story.peak_power / 1000:.1f} kW at most')
    ended = story.outcome or 'did not end'
    reason = f': {story.reason}' if story.reason else ''
    lines.append(f'outcome  {ended} after {story.duration:.1f} s{reason}')
    return '\n'.join(lines)


def failure(story: Story) -> str:
    """Return in a sentence where a session failed, and why."""
    if not story.outcome:
        return f'the session did not end; it was last seen in {story.last_stage}'
    return f'the session failed in {story.last_stage}: {story.reason or "no reason was given"}'


if __name__ == '__main__':
    sys.exit(main())
