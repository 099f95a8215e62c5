"""Several first responses that arrive at once: each is decoded, by a decoder that one thread has made."""

from __future__ import annotations

import subprocess
import sys

# In a process of its own, since a decoder that two threads make at once may take the process with it. Each round has a
# new type, and threads take turns as often as they can.
ROUNDS = """
import sys
from decimal import Decimal
from threading import Barrier, Thread

import msgspec

from datacoves_usage_provider.client.decoding import JsonAmount, decode_json

BODY = b'{"rows": [{"name": "a", "amount": 1.5}, {"name": "b", "amount": 2}], "name": "c"}'
sys.setswitchinterval(1e-6)


def decode(response, barrier, amounts):
    barrier.wait()
    amounts.append(sum(row.amount for row in decode_json(BODY, response).rows))


for _ in range(300):
    row = msgspec.defstruct("Row", [("name", str), ("amount", JsonAmount)])
    response = msgspec.defstruct("Response", [("rows", list[row]), ("name", str)])
    barrier, amounts = Barrier(8), []
    threads = [Thread(target=decode, args=(response, barrier, amounts)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert amounts == [Decimal("3.5")] * 8, amounts
"""


def test_first_responses_that_arrive_at_once_are_each_decoded():
    ended = subprocess.run([sys.executable, "-c", ROUNDS], check=False, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 0, ended.stderr[-2000:]
