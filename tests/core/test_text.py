"""What people read has the right words around its numbers."""

from __future__ import annotations

import pytest

from datacoves_usage_provider.text import count


@pytest.mark.parametrize(("number", "said"), [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), (1200, "1,200 rows")])
def test_one_thing_is_not_said_as_if_it_were_many(number, said):
    assert count(number, "row") == said
