# SPDX-License-Identifier: Apache-2.0
"""What the doctor has found: a sentence, and what to do about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """How a finding is meant; only WRONG keeps a charge from beginning."""

    FINE = 'ok'
    NOTE = 'note'
    WRONG = 'wrong'


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    about: str
    verdict: Verdict
    sentence: str
    remedy: str = ''  # what to do; empty: nothing


def fine(about: str, sentence: str) -> Finding:
    """All is as it should be."""
    return Finding(about, Verdict.FINE, sentence)


def note(about: str, sentence: str, remedy: str = '') -> Finding:
    """Worth knowing."""
    return Finding(about, Verdict.NOTE, sentence, remedy)


def wrong(about: str, sentence: str, remedy: str) -> Finding:
    """No charge will begin like this."""
    return Finding(about, Verdict.WRONG, sentence, remedy)


def report(findings: Iterable[Finding]) -> str:
    """Return the findings as text, each with its remedy below it."""
    lines = []
    for one in findings:
        lines.append(f'{one.verdict.value:<6}{one.about:<11}{one.sentence}')
        if one.remedy:
            lines.append(f'{"":<17}-> {one.remedy}')
    return '\n'.join(lines)


def all_well(findings: Iterable[Finding]) -> bool:
    """Tell whether nothing is wrong."""
    return all(one.verdict is not Verdict.WRONG for one in findings)
