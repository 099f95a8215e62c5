"""The two shapes of an answer of B3OS, and of a refusal."""

from __future__ import annotations

from typing import Any

from datacoves_usage_provider.simulator.refused import RefusedError


def wrap(data: Any, request_id: str, *, success_style: bool) -> dict[str, Any]:
    """``success_style``: ``{"success": true, "data": …}``, which has no request id."""
    if success_style:
        return {"success": True, "data": data}
    return {"code": 0, "data": data, "message": "successfully", "requestId": request_id}


def wrap_refusal(refusal: RefusedError, request_id: str, *, success_style: bool) -> dict[str, Any]:
    if success_style:
        return {"success": False, "error": {"message": str(refusal), "code": refusal.status}}
    return {"code": refusal.status, "data": None, "message": str(refusal), "requestId": request_id}
