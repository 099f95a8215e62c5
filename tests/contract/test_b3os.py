"""B3OS: the organization's id, which the connection must have."""

from __future__ import annotations

from datetime import date

import pytest

from datacoves_usage_provider.compat import AirflowFailException
from datacoves_usage_provider.exceptions import UsageApiError, UsageConfigError
from datacoves_usage_provider.query import UsageQuery
from datacoves_usage_provider.simulator import faults
from tests.contract.cases import find_case
from tests.support.truth import days, read_all, truth

ONE_DAY = UsageQuery(days(date(2025, 3, 1), 1))
MONTH = UsageQuery(days(date(2025, 3, 1), 31))


@pytest.fixture
def case():
    return find_case("b3os")


def test_p8_another_organization_is_named(set_conn, hook):
    set_conn(organization_id="org_else")
    with pytest.raises(UsageApiError, match="There is no organization 'org_else'.*Organization not found"):
        read_all(hook, ONE_DAY)


def test_white_space_around_an_organization_id_is_cleaned(api, set_conn, hook):
    set_conn(organization_id=f" {api.organization_id}\n")
    assert read_all(hook, ONE_DAY)


@pytest.mark.parametrize("organization", [None, "", " ", "a/b", "a b", "../x", "Ä"])
def test_p8_an_organization_id_that_no_url_takes_is_a_setting_to_fix(simulator, set_conn, hook, organization):
    set_conn(organization_id=organization)
    with pytest.raises(UsageConfigError, match="organization_id (is required|must contain only letters, digits)"):
        read_all(hook, ONE_DAY)
    assert not simulator.requests


def test_p8_after_an_error_the_hook_can_read_again(api, simulator, hook):
    simulator.faults.append(faults.Status(400))
    with pytest.raises(UsageApiError):
        read_all(hook, MONTH)
    assert read_all(hook, MONTH) == truth(api, MONTH)


def test_p8_an_organization_without_workflows_has_no_usage(api, hook):
    api.workflows = ()
    assert hook.test_connection() == (True, "B3OS accepts the key: no usage found.")


def test_p5_a_day_whose_response_has_nothing_keeps_its_rows(api, collect, warehouse):
    window = {"start": "2025-03-01", "end": "2025-03-04"}
    api.idle_workflows = False
    collect(**window)
    ((count,),) = warehouse.query("SELECT count(*) FROM usage_daily WHERE charge_period_start = '2025-03-02'")
    for workflow in api.workflows:
        api.restate(workflow.id, date(2025, 3, 2))
    with pytest.raises(AirflowFailException, match=rf"usage_daily has {count} rows of 2025-03-02 \({count}\)\."):
        collect(**window)
    assert collect(**window, allow_empty=True)["loaded"]["removed"] == count > 0
