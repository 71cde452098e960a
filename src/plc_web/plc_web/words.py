# SPDX-License-Identifier: Apache-2.0
"""What the REST API takes and gives: every body is one of these, with no field beside theirs."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

_Line = Annotated[str, StringConstraints(max_length=200, pattern=r'^[^\x00-\x1f\x7f]*$')]


class Body(BaseModel):
    """A body in which a misspelled field is an error."""

    model_config = ConfigDict(extra='forbid')


class Confirmed(Body):
    """What cannot be taken back wants to be confirmed."""

    confirm: Literal[True]


class Limits(Body):
    """Of one charge; a limit only ever lowers what the vehicle allows."""

    max_current: float | None = Field(None, gt=0, le=1000, description='A')
    max_power: float | None = Field(None, gt=0, le=1e6, description='W')
    target_soc: float | None = Field(
        None, gt=0, le=1, description='0..1; only before a session begins'
    )


class Change(Body):
    """One parameter; null takes it back to its default."""

    node: _Line
    name: _Line
    value: bool | int | float | _Line | None


class Changes(Body):
    """Parameters that are set together, or not at all."""

    changes: Annotated[list[Change], Field(min_length=1, max_length=500)]


class NewPassword(Body):
    """The password is known to who changes it."""

    present: Annotated[str, StringConstraints(max_length=1024)]
    new: Annotated[str, StringConstraints(min_length=10, max_length=1024)]


class Join(Body):
    """A WiFi network, and its key; none for an open one."""

    ssid: Annotated[
        str,
        StringConstraints(
            min_length=1, max_length=32, pattern=r'^[^\x00-\x1f\x7f-][^\x00-\x1f\x7f]*$'
        ),
    ]
    key: Annotated[str, StringConstraints(max_length=63, pattern=r'^[\x20-\x7e]*$')] = ''


class Done(BaseModel):
    """What was done, as a sentence."""

    done: str


class Saved(Done):
    """The parameters that hold now, and those that count from the next start of the graph on."""

    applied: list[str]
    at_next_start: list[str]


class Problem(BaseModel):
    """Why it was not."""

    detail: str


PROBLEMS: dict[int | str, dict[str, Any]] = {
    code: {'model': Problem, 'description': about}
    for code, about in (
        (400, 'it cannot be so'),
        (401, 'not logged in'),
        (403, 'a foreign origin, or no CSRF token'),
        (404, 'there is none'),
        (409, 'not now'),
        (413, 'too large'),
        (424, 'a node or the system does not answer'),
        (429, 'too many tries'),
    )
}
