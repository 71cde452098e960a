# SPDX-License-Identifier: Apache-2.0
"""Tells a machine again what it was told, and looks whether it decides as it did then."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, is_dataclass
from enum import Enum
import json
from typing import Any

from plc_kit.journal import REST, Entry, Recipe
from plc_kit.written import IS, Unreadable, Unwritable, Written
from plc_modem.journal import RECIPES as MODEM
from slac.journal import RECIPES as SLAC
from v2g.link.journal import RECIPES as LINK
from v2g.session.journal import RECIPES as SESSION

RECIPES: dict[str, Recipe] = {**SESSION, **SLAC, **LINK, **MODEM}


@dataclass(frozen=True, slots=True)
class Difference:
    """The first thing that a machine decides otherwise; `at`: number of the entry."""

    at: int
    told: str
    what: str  # where in the decision
    then: str
    now: str

    def __str__(self) -> str:
        where = f'entry {self.at}, told {self.told}'
        return f'{where}: {self.what} was {self.then}, and is {self.now}'


class OtherDraw(Exception):
    """A machine draws random octets where it drew none then, or another number of them."""


class Replay:
    """Plays the journal of one machine; `difference` is the first, `played` counts inputs."""

    def __init__(self) -> None:
        self.machine = ''  # its class
        self.played = 0
        self.skipped = 0  # inputs before the machine's state is known, or behind a gap
        self.missing = 0  # entries that are not in the bag
        self.difference: Difference | None = None
        self._subject: _Subject | None = None
        self._sequence = 0

    def take(self, entry: Entry) -> bool:
        """Play an entry; True: go on. Raises Unreadable for what is no entry of a journal."""
        self.machine = entry.machine
        self._look_for_gap(entry)
        what = _parsed(entry)
        if entry.told == REST:
            self._subject = self._subject or _Subject(_recipe(entry.machine), what)
        elif self._subject is None:
            self.skipped += 1
        else:
            self.played += 1
            self.difference = self._subject.play(entry, what)
        return self.difference is None

    def _look_for_gap(self, entry: Entry) -> None:
        """Entries that are missing end what is known; so does a node that was started anew."""
        if self._sequence and entry.sequence != self._sequence + 1:
            self.missing += max(0, entry.sequence - self._sequence - 1)
            self._subject = None
        self._sequence = entry.sequence


def played(entries: Iterable[Entry]) -> Replay:
    """Play entries up to the first difference."""
    replay = Replay()
    for entry in entries:
        if not replay.take(entry):
            break
    return replay


def _recipe(machine: str) -> Recipe:
    if machine not in RECIPES:
        raise Unreadable(f'{machine!r} is no machine of this version')
    return RECIPES[machine]


def _parsed(entry: Entry) -> dict[str, Any]:
    try:
        what = json.loads(entry.text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f'entry {entry.sequence} is no JSON: {error}') from None
    if not isinstance(what, dict):
        raise Unreadable(f'entry {entry.sequence} is no object')
    return what


class _Subject:
    """A machine made of what a rest says of it, and the random octets it has drawn then."""

    def __init__(self, recipe: Recipe, rest: dict[str, Any]) -> None:
        self._recipe = recipe
        self._written: Written = recipe.written(lambda value: value)
        self._draws: deque[bytes] = deque()
        self._shown: Any = None
        try:
            state = _read_all(self._written, rest['state'])
            self._machine, self._beside = recipe.make(state, self._draw)
            _restore(self._machine, state)
            for prefix, attributes in rest['beside'].items():
                _restore(self._beside[prefix], _read_all(self._written, attributes))
            self._shown = rest['shows']
        except Unreadable:
            raise
        except (LookupError, TypeError, ValueError, AttributeError, OtherDraw) as error:
            raise Unreadable(f'the machine of another version is told of: {error}') from None

    def _draw(self, count: int) -> bytes:
        if not self._draws or len(self._draws[0]) != count:
            raise OtherDraw(f'{count} random octets')
        return self._draws.popleft()

    def play(self, entry: Entry, what: dict[str, Any]) -> Difference | None:
        try:
            args = self._written.read(what['args'])
            given = {name: self._written.read(one) for name, one in what.get('given', {}).items()}
            self._draws = deque(map(bytes.fromhex, what.get('drawn', ())))
            told = f'{entry.told} {_named(args)}'.strip()
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise Unreadable(f'entry {entry.sequence} cannot be told: {error}') from None
        try:
            result = self._written.write(self._tell(entry.told, args, given))
            shows = self._written.write(self._recipe.shows(self._machine))
        except Unwritable as error:
            return Difference(entry.sequence, told, 'the result', 'known', f'of kind {error}')
        except Exception as error:  # noqa: BLE001 a machine that fails now is what is looked for
            now = f'{type(error).__name__}: {error}'
            return Difference(entry.sequence, told, 'it', 'done', now)
        return self._compare(entry.sequence, told, what, result, shows)

    def _tell(self, told: str, args: list[Any], given: dict[str, Any]) -> Any:
        if told not in self._recipe.inputs:
            raise Unreadable(f'{told} is no input of this version')
        if told.endswith('='):
            return setattr(self._machine, *args)
        prefix, dot, name = told.rpartition('.')
        machine = self._beside[prefix + dot] if dot else self._machine
        return getattr(machine, name)(*args, **given)

    def _compare(
        self, at: int, told: str, what: dict[str, Any], result: Any, shows: Any
    ) -> Difference | None:
        self._shown = what.get('shows', self._shown)
        if left := len(self._draws):
            return Difference(at, told, 'random octets', 'drawn', f'not, {left} times')
        pairs = (('the decision', what.get('result'), result), ('the outputs', self._shown, shows))
        for label, then, now in pairs:
            if then != now:
                where, old, new = _first_difference(then, now)
                return Difference(at, told, f'{label}{where}', old, new)
        return None


def _read_all(written: Written, attributes: dict[str, Any]) -> dict[str, Any]:
    return {name: written.read(value) for name, value in attributes.items()}


def _restore(machine: Any, state: dict[str, Any]) -> None:
    """Set a machine's attributes; what others hold a hand on stays the same object."""
    for name, value in state.items():
        there = vars(machine)[name]
        if type(there) is type(value) and hasattr(there, '__dict__') and not _is_value(there):
            vars(there).update(vars(value))
        else:
            setattr(machine, name, value)


def _is_value(one: Any) -> bool:
    """Tell whether it is the same wherever it stands: a member of an enum, a dataclass."""
    return isinstance(one, Enum) or is_dataclass(one)


def _named(args: list[Any]) -> str:
    """Name what a machine was told, without its values."""
    names = [type(one).__name__ for one in args if hasattr(one, '__dataclass_fields__')]
    return ', '.join(names)


def _first_difference(then: Any, now: Any, where: str = '') -> tuple[str, str, str]:
    """Return where two written values differ first, and both values there."""
    if isinstance(then, dict) and isinstance(now, dict) and then.get(IS) == now.get(IS):
        for name in [*then, *(one for one in now if one not in then)]:
            if then.get(name) != now.get(name):
                inside = f'{where}.{name}' if name != 'of' else where
                return _first_difference(then.get(name), now.get(name), inside)
    if isinstance(then, list) and isinstance(now, list):
        for index, (old, new) in enumerate(zip(then, now, strict=False)):
            if old != new:
                kind = old.get(IS, '') if isinstance(old, dict) else ''
                inside = f'{where} {kind}' if kind else f'{where}[{index}]'
                return _first_difference(old, new, inside)
        shorter = min(len(then), len(now))
        return where, _shown(then[shorter:]), _shown(now[shorter:])
    return where, _shown(then), _shown(now)


def _shown(written: Any) -> str:
    """Return a written value in few words."""
    if isinstance(written, list):
        return ', '.join(_shown(one) for one in written) or 'nothing'
    if isinstance(written, dict) and 'name' in written:
        return f'{written.get(IS, "")} {written["name"]}'.strip()
    if isinstance(written, dict):
        return str(written.get(IS) or written)
    return 'its default' if written is None else repr(written)
