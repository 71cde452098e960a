# SPDX-License-Identifier: Apache-2.0
"""Writes down each thing a machine is told and what it decided, so that it can be played again.

Nothing of ROS is in here: a node publishes the entries, a simulation writes them into a bag.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
import json
from typing import Any

from plc_kit.written import Hide, Unwritable, Written

REST = 'rest'  # an entry that holds the whole machine
REST_PERIOD = 5.0  # s between two of them, while nothing is going on
MAX_WAITING = 1000  # entries that nobody has fetched


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that a machine was told; `text` is JSON."""

    machine: str
    sequence: int
    told: str
    text: str


@dataclass(frozen=True)
class Recipe:
    """How the machines of a class are written down and made.

    inputs: methods that are told something; of a machine beside it, with its prefix.
    make: returns a machine, and those beside it by their prefix, of its attributes and an entropy.
    shows: returns what a machine shows beside what its methods return.
    skipped: attributes that making it gives it anyway.
    """

    written: Callable[[Hide], Written]
    inputs: frozenset[str]
    make: Callable[[dict[str, Any], Callable[[int], bytes]], tuple[Any, dict[str, Any]]]
    shows: Callable[[Any], Any] = lambda machine: None
    skipped: frozenset[str] = frozenset()


class Journal:
    """Stands between those who tell a machine something, and the machine.

    recipes: by the name of the machine's class. wanted: whether anybody would read it. hide: as
    Written has it.
    """

    def __init__(
        self,
        recipes: Mapping[str, Recipe],
        wanted: Callable[[], bool],
        hide: Hide = lambda value: value,
    ) -> None:
        self._recipes, self._wanted, self._hide = recipes, wanted, hide
        self._machine: Any = None
        self._recipe: Recipe
        self._written: Written
        self._waiting: deque[tuple[str, Any]] = deque(maxlen=MAX_WAITING)
        self._drawn: list[bytes] = []
        self._beside: dict[str, Any] = {}
        self._sequence = 0
        self._shown: Any = None
        self._rested: float | None = None

    def entropy(self, source: Callable[[int], bytes]) -> Callable[[int], bytes]:
        """Return a source of octets of which each draw is written down."""

        def draw(count: int) -> bytes:
            octets = source(count)
            self._drawn.append(octets)
            return octets

        return draw

    def told(self, machine: Any, prefix: str = '') -> Any:
        """Return the face of a machine, or of one beside it, through which it is told things."""
        if prefix:
            self._beside[prefix] = machine
        else:
            self.forget()
            self._machine, self._recipe = machine, self._recipes[type(machine).__name__]
            self._written = self._recipe.written(self._hide)
        return _Face(machine, prefix, self)

    def forget(self) -> None:
        """Know no machine; the entries of the next are counted anew, as those of another node."""
        self._machine, self._rested, self._sequence = None, None, 0
        self._waiting.clear()

    def hears(self, told: str) -> bool:
        """Tell whether a name is an input of the machine."""
        return told in self._recipe.inputs

    def tell(self, told: str, method: Callable[..., Any], args: Any, given: Any) -> Any:
        """Call a machine's method, and remember it as long as somebody wants to know."""
        result = method(*args, **given)
        drawn, self._drawn = self._drawn, []
        if self._wanted():
            shown = self._recipe.shows(self._machine)
            self._sequence += len(self._waiting) == MAX_WAITING  # the oldest is lost: a gap
            self._waiting.append((told, (args, given, drawn, result, shown)))
        else:
            self._unheard(1)
        return result

    def _unheard(self, inputs: int) -> None:
        """Count what nobody hears of: a gap to who hears on, and a rest for whoever comes."""
        self._sequence += inputs
        self._rested = None

    def entries(self, now: float) -> list[Entry]:
        """Return what has happened since the last call; now and then the whole machine, at rest.

        Call it behind whatever is urgent: the work of writing is done here.
        """
        if self._machine is None or not self._wanted():
            self._unheard(len(self._take()))
            return []
        told = [self._entry(told, self._write(*what)) for told, what in self._take()]
        if self._rested is None or now - self._rested >= REST_PERIOD:
            told += self._rest(now)
        return told

    def _take(self) -> list[tuple[str, Any]]:
        taken = list(self._waiting)
        self._waiting.clear()
        return taken

    def _write(self, args: Any, given: Any, drawn: list[bytes], result: Any, shown: Any) -> Any:
        write = self._written.write
        octets = [self._hide(one).hex() for one in drawn]  # first: a key is known from then on
        what = {'args': write(list(args)), 'result': write(result)}
        if given:
            what['given'] = {name: write(one) for name, one in given.items()}
        if octets:
            what['drawn'] = octets
        if shown != self._shown:
            self._shown, what['shows'] = shown, write(shown)
        return what

    def _rest(self, now: float) -> list[Entry]:
        """Write the whole machine, unless something goes on that is not written down."""
        try:
            state = self._state(self._machine)
            beside = {prefix: self._state(one) for prefix, one in self._beside.items()}
        except Unwritable:
            return []
        self._rested, self._shown = now, self._recipe.shows(self._machine)
        shows = self._written.write(self._shown)
        what = {'state': state, 'beside': beside, 'shows': shows}
        return [self._entry(REST, what)]

    def _state(self, machine: Any) -> dict[str, Any]:
        """Return the attributes of a machine, written."""
        skipped = self._recipe.skipped
        there = ((name, value) for name, value in vars(machine).items() if name not in skipped)
        return {name: self._written.write(value) for name, value in there}

    def _entry(self, told: str, what: Any) -> Entry:
        self._sequence += 1
        text = json.dumps(what, separators=(',', ':'))
        return Entry(type(self._machine).__name__, self._sequence, told, text)


class _Face:
    """A machine, all of it; what its inputs are told is written down."""

    def __init__(self, machine: Any, prefix: str, journal: Journal) -> None:
        vars(self).update(_machine=machine, _prefix=prefix, _journal=journal)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._machine, name)
        told = self._prefix + name
        journal = self._journal
        if not journal.hears(told):
            return value
        return lambda *args, **given: journal.tell(told, value, args, given)

    def __setattr__(self, name: str, value: Any) -> None:
        self._journal.tell(f'{self._prefix}{name}=', self._set, (name, value), {})

    def _set(self, name: str, value: Any) -> None:
        setattr(self._machine, name, value)
