# SPDX-License-Identifier: Apache-2.0
"""What a launch description consists of."""

from collections.abc import Callable, Iterable
from dataclasses import MISSING, dataclass, field, make_dataclass
from functools import partial
import inspect
from typing import Any, get_type_hints


def made_of(function: Callable[..., Any], *, base: type, method: str, **namespace: Any) -> Any:
    """Make a class of a function of the context and some arguments, which are its fields.

    Its method calls the function. `Annotated[…, look]` has a field looked at, and turned into what
    it is kept as, when the object is made.
    """
    arguments = list(inspect.signature(function).parameters.values())[1:]
    fields = [(one.name, Any, _field(one)) for one in arguments]
    hints = get_type_hints(function, include_extras=True).items()
    looks = [(name, look) for name, hint in hints for look in getattr(hint, '__metadata__', ())]

    def look_at_all(self: Any) -> None:
        for name, look in looks:
            setattr(self, name, look(getattr(self, name)))

    def call(self: Any, context: Any) -> Any:
        return function(context, **{name: getattr(self, name) for name, *_ in fields})

    namespace |= {method: call, '__doc__': function.__doc__, '__post_init__': look_at_all}
    name, bases = function.__name__, (base,)
    return make_dataclass(name, fields, bases=bases, namespace=namespace, eq=False)


def _field(one: inspect.Parameter) -> Any:
    default = MISSING if one.default is one.empty else one.default
    return field(default=default, kw_only=one.kind is one.KEYWORD_ONLY)


@dataclass(eq=False, kw_only=True)
class Action:
    """An intention, carried out when visited, if its condition holds."""

    condition: Any = None

    def visit(self, context: Any) -> Iterable[Any]:
        holds = self.condition is None or self.condition.evaluate(context)
        return (self.execute(context) or []) if holds else []

    def execute(self, context: Any) -> Iterable[Any] | None:
        """Do it; what is returned is visited next."""

    def sub_entities(self) -> Iterable[Any]:
        """Return what can be told of its parts before it is carried out."""
        return []


# makes an action of a function that carries it out, and may return what is visited next
action = partial(made_of, base=Action, method='execute')


class LaunchDescription(Action):
    """Actions in the order in which they are to be visited."""

    def __init__(self, initial_entities: Iterable[Any] = ()) -> None:
        super().__init__()
        self.entities = list(initial_entities)
        self.add_action = self.add_entity = self.entities.append

    def execute(self, context: Any) -> list[Any]:
        return self.entities

    def sub_entities(self) -> list[Any]:
        return self.entities

    def get_launch_arguments(self) -> list[Any]:
        return [argument for argument, *_ in declared(self.entities)]


def declared(
    entities: Iterable[Any], conditional: bool = False, given: tuple[str, ...] = ()
) -> list[tuple[Any, bool, tuple[str, ...]]]:
    """Return the arguments that are found without carrying anything out, each name once.

    With each: whether a condition stands before it, and what the includes around it give.
    """
    found: dict[str, tuple[Any, bool, tuple[str, ...]]] = {}
    for entity in entities:
        below = conditional or entity.condition is not None
        if hasattr(entity, 'default_value'):
            found.setdefault(entity.name, (entity, below, given))
        names = (*given, *(name for name, _ in getattr(entity, 'launch_arguments', ())))
        for inner in declared(entity.sub_entities(), below, names):
            found.setdefault(inner[0].name, inner)
    return list(found.values())
