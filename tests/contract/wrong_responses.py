"""Responses that are wrong in one place, made from the API's own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import Context, Decimal, localcontext
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from datacoves_usage_provider.simulator import faults
from datacoves_usage_provider.simulator.exchange import Response, json_response

if TYPE_CHECKING:
    from tests.contract.cases import ContractCase

Json = Any
PLACEHOLDER = 987_654_321_987


class Field(NamedTuple):
    """A field of a response's rows: what it may be, and the column that it fills."""

    kind: Literal["id", "optional id", "name", "count", "amount", "day"]
    column: str


@dataclass(frozen=True)
class Text:
    """The response with ``text`` in place of the number ``PLACEHOLDER``, which ``change`` puts there."""

    change: Callable[[Json], Json]
    text: str

    def spoil(self, response: Response) -> Response:
        changed = faults.Edit(self.change).spoil(response)
        return replace(changed, body=changed.body.replace(str(PLACEHOLDER).encode(), self.text.encode()))


@dataclass(frozen=True)
class RepeatedName:
    """The response whose first object has ``name`` twice, at first with ``value``."""

    name: str
    value: Any

    def spoil(self, response: Response) -> Response:
        found = f'"{self.name}":'
        twice = f"{found}{json.dumps(self.value)},{found}"
        return replace(response, body=response.body.decode().replace(found, twice, 1).encode())


@dataclass(frozen=True)
class Envelope:
    """Any JSON with status 200."""

    value: Any

    def spoil(self, _: Response) -> Response:
        return json_response(200, self.value)


def change_row(case: ContractCase, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Json], Json]:
    """Return what changes the first row of a response and makes its totals fit."""

    def change_body(body: Json) -> Json:
        rows = case.get_rows(body)
        rows[0] = change(rows[0])
        return case.retotal(body)

    return change_body


def set_field(case: ContractCase, name: str, value: Any) -> Callable[[Json], Json]:
    return change_row(case, lambda row: row | {name: value})


def repeat_row(case: ContractCase) -> Callable[[Json], Json]:
    """Return what puts the first row there twice."""

    def change_body(body: Json) -> Json:
        rows = case.get_rows(body)
        rows.insert(0, rows[0])
        return case.retotal(body)

    return change_body


def retotal_crawler(body: Json) -> Json:
    """Make the totals those of the days, as far as these are numbers."""
    with localcontext(Context(prec=100)):
        for name, kinds in {"requests": (int,), "cost_usd": (int, Decimal)}.items():
            body[name] = abs(sum(day[name] for day in body["data"] if type(day.get(name)) in kinds))
    return body
