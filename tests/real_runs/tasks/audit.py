"""What the executor noted: from when to when it ran each pod, or what stands for one."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, timezone
from itertools import chain
from pathlib import Path

NOTHING = timedelta()


@dataclass(frozen=True)
class PodSeen:
    """``end`` is None while it runs."""

    dag_id: str
    start: datetime
    end: datetime | None

    def earlier(self, by: timedelta) -> PodSeen:
        return PodSeen(self.dag_id, self.start - by, self.end and self.end - by)

    def measure(self, day: date) -> timedelta:
        midnight = datetime.combine(day, time(), timezone.utc)
        return max(min(self.end, midnight + timedelta(days=1)) - max(self.start, midnight), NOTHING)


def read_audit(path: Path) -> list[PodSeen]:
    """Read all pods. Those of one try follow each other; the end of one that was killed may be noted twice."""
    pods: defaultdict[tuple[object, ...], list[PodSeen]] = defaultdict(list)
    for line in path.read_text().splitlines():
        noted = json.loads(line)
        key, moment = tuple(noted["key"]), datetime.fromtimestamp(noted["at"], timezone.utc)
        if noted["event"] == "start":
            pods[key].append(PodSeen(key[0], moment, None))
        elif pods[key][-1].end is None:
            pods[key][-1] = replace(pods[key][-1], end=moment)
    return list(chain.from_iterable(pods.values()))
