"""A user adds a connection of each type, tests it, and opens it again."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

from datacoves_usage_provider.hooks.form import get_form
from tests.support.ports import find_free_port

WRONG_KEY = "a-key-that-nobody-made-1234"


def test_the_form_has_the_vendors_words_and_no_field_without_a_sense(ui, row):
    ui.open_new_connection("unsaved", row.name)
    shown = ui.read_form()
    own = get_form(row.conn_type)["conn-fields"]
    assert shown.keys() - ui.common_fields == row.labels.keys() | own.keys()
    assert {name: shown[name].label for name in row.labels} == row.labels
    assert {name: (shown[name].label, shown[name].help) for name in own} == {
        name: (field["label"], field["description"]) for name, field in own.items()
    }


def test_the_form_has_examples_and_masks_the_key(ui, row):
    ui.open_new_connection("unsaved", row.name)
    shown = ui.read_form()
    examples = get_form(row.conn_type)["ui-field-behaviour"]["placeholders"]
    assert {name: shown[name].example for name in row.labels} == {name: examples[name] for name in row.labels}
    assert shown["password"].type == "password"


def _get_yesterday() -> date:
    return datetime.now(timezone.utc).date() - timedelta(days=1)


def test_the_test_button_says_what_it_found(ui, row, simulated, user):
    before = _get_yesterday()
    said = ui.press_test(user.add_connection(row, row.conn_id), simulated.get_key(row))
    ui.take_picture(f"{row.conn_type}-test")
    assert said in [f"{row.found}, usage up to {day}." for day in (before, _get_yesterday())]


def test_the_test_button_says_what_to_do_about_a_wrong_key(ui, row, user):
    said = ui.press_test(user.add_connection(row, f"{row.conn_type}_wrong_key", password=WRONG_KEY), WRONG_KEY)
    ui.take_picture(f"{row.conn_type}-test-wrong-key")
    assert "Check the API key in the connection's password field" in said
    assert WRONG_KEY not in said


def test_the_test_button_says_where_an_api_that_does_not_respond_can_be_reached(ui, row, simulated, user):
    conn_id = user.add_connection(row, f"{row.conn_type}_unreachable", host=f"http://127.0.0.1:{find_free_port()}")
    said = ui.press_test(conn_id, simulated.get_key(row))
    ui.take_picture(f"{row.conn_type}-test-unreachable")
    assert "No complete response from" in said
    assert row.unreachable in said


def test_p10_a_saved_connection_shows_everything_but_its_key(ui, row, simulated, user):
    ui.open_connection(user.add_connection(row, row.conn_id))
    shown = ui.read_form()
    ui.take_picture(f"{row.conn_type}-saved")
    assert {name: shown[name].value for name in row.typed} == row.typed
    assert shown["host"].value == row.get_host(simulated.simulator)
    assert shown["password"].value in ("", "***")
    assert simulated.get_key(row) not in ui.page.content()
