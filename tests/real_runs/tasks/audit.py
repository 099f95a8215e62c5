"""What the executor noted: from when to when it ran each pod, or what stands for one."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from itertools import zip_longest
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
    """Read all pods; of one try, they follow each other."""
    starts, ends = defaultdict(list), defaultdict(list)
    for line in path.read_text().splitlines():
        noted = json.loads(line)
        events = starts if noted["event"] == "start" else ends
        events[tuple(noted["key"])].append(datetime.fromtimestamp(noted["at"], timezone.utc))
    return [pod for key in starts for pod in _pair(key[0], starts[key], ends[key])]


def _pair(dag_id: str, starts: list[datetime], ends: list[datetime]) -> Iterable[PodSeen]:
    """An end may be noted when the next pod has started, and that of the last pod twice: first, then for good."""
    last = len(starts) - 1
    paired = [*ends[:last], *ends[last:][-1:]]
    for start, end in zip_longest(starts, paired):
        yield PodSeen(dag_id, start, end)
