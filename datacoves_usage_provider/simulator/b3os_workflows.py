"""The workflows of a made-up organization."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True)
class Workflow:
    """A workflow as the API lists it."""

    id: str
    name: str
    status: str = "active"
    trigger_type: str = "schedule"
    is_stream: bool = False
    cu_per_hour: Decimal = Decimal("0.25")


WORKFLOWS = (
    Workflow("wf_8c1f0a2b", "Daily report"),
    Workflow("wf_27d94e6c", "Price watcher", trigger_type="cron", cu_per_hour=Decimal("1.5")),
    Workflow("wf_b05a3f71", "Webhook “orders”", trigger_type="webhook", cu_per_hour=Decimal("0.125")),
    Workflow("wf_e69d18c4", "Event stream", trigger_type="event", is_stream=True, cu_per_hour=Decimal(12)),
    Workflow("wf_40f7b2d8", "Old import", status="archived", trigger_type="manual", cu_per_hour=Decimal("0.000001")),
)
