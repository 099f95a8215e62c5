"""The pages of Airflow 3: one React application; a connection is tested from the list of saved ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar
from urllib.parse import quote

from playwright.sync_api import Locator
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

from tests.ui.interface import TASK_ID, FormField, Interface, Triggered

_ENABLE_MILLISECONDS = 3000

_READ_FIELDS = """fields => fields
    .map(field => [field, field.querySelector("[name]")])
    .filter(([_, input]) => input)
    .map(([field, input]) => ({
        name: input.name.replace(/^element_/, ""),
        label: field.querySelector("label").textContent.replace("*", "").trim(),
        help: field.querySelector("[data-part=helper-text]")?.textContent ?? "",
        example: input.placeholder ?? "",
        type: input.type,
        value: input.value,
    }))"""


class Airflow3(Interface):
    rest_api = "/api/v2"
    common_fields: ClassVar = frozenset({"connection_id", "description", "port"})

    def open_new_connection(self, conn_id: str, type_name: str) -> None:
        self.page.goto("/connections")
        self.page.get_by_role("button", name="Add Connection").click()
        self.page.locator("[name=connection_id]").fill(conn_id)
        self.page.get_by_role("dialog").get_by_role("combobox").fill(type_name)
        self.page.get_by_role("option", name=type_name, exact=True).click()
        self.page.locator("[name=host]").wait_for()

    def open_connection(self, conn_id: str) -> None:
        self._press_in_row(conn_id, "Edit Connection")
        self.page.locator("[name=host]").wait_for()

    def read_form(self) -> dict[str, FormField]:
        fields = self.page.get_by_role("dialog").locator("[data-scope=field][data-part=root]")
        return {found.pop("name"): FormField(**found) for found in fields.evaluate_all(_READ_FIELDS)}

    def type_standard_fields(self, typed: Mapping[str, str]) -> None:
        for name, text in typed.items():
            self.page.locator(f"[name={name}]").fill(text)
        self.page.locator("[name=port]").fill("0")  # as the form says: without it this Airflow tests nothing

    def type_own_fields(self, typed: Mapping[str, str]) -> None:
        self.page.get_by_role("button", name="Extra Fields", exact=True).click()
        self._fill(typed)

    def save_connection(self) -> None:
        self.page.get_by_role("button", name="Save").click()
        self.page.get_by_role("dialog").wait_for(state="hidden")

    def press_test(self, conn_id: str, key: str) -> str:
        self._press_in_row(conn_id, "Test Connection")
        return self.page.locator("[data-scope=toast][data-part=description]").first.inner_text()

    def read_dag_list(self) -> str:
        self.page.goto("/dags")
        return self._read("Latest Run")

    def read_dag_page(self, dag_id: str) -> str:
        self.page.goto(f"/dags/{dag_id}")
        self.page.get_by_role("button", name="Dag Docs").click()
        self._read("Dag Documentation")
        return self._read("Latest Dag Version")

    def open_trigger(self, dag_id: str) -> None:
        self.page.goto(f"/dags/{dag_id}")
        self.page.get_by_role("button", name="Trigger Dag").click()
        self._trigger_button.wait_for()

    def type_params(self, typed: Mapping[str, str]) -> None:
        self._fill(typed)

    def switch_on(self, name: str) -> None:
        self.page.locator(f"[name=element_{name}] + [data-part=control]").click()

    def read_chosen(self, name: str) -> list[str]:
        chosen = self.page.locator(f"[name=element_{name}]")
        return list(chosen.evaluate_all("inputs => inputs.map(input => input.value)"))

    def _take_out(self, name: str, text: str) -> None:
        self.page.locator(f"#element_{name}").get_by_label(f"Remove {text}").get_by_role("button").click()

    def press_trigger(self) -> Triggered:
        try:
            with self.page.expect_response(lambda response: response.url.endswith("/dagRuns")) as sent:
                self._trigger_button.click(timeout=_ENABLE_MILLISECONDS)
        except PlaywrightTimeoutError:  # the button stays disabled
            return self._read_complaint("is required")
        if sent.value.ok:
            return Triggered(sent.value.json()["dag_run_id"], "")
        return self._read_complaint("Bad Request")

    @property
    def _trigger_button(self) -> Locator:
        return self.page.get_by_role("dialog").get_by_role("button", name="Trigger", exact=True)

    def _read_complaint(self, waited_for: str) -> Triggered:
        return Triggered(None, self._read(waited_for, "[role=dialog][data-state=open]"))

    def read_log(self, dag_id: str, run_id: str) -> str:
        self._open_task(dag_id, run_id)
        log = self._read("Post Execute")
        self.page.keyboard.press("w")  # wraps the lines
        return log

    def read_rendered(self, dag_id: str, run_id: str) -> str:
        self._open_task(dag_id, run_id, "/rendered_templates")
        return self._read("usage_conn_id")

    def read_mapped(self, dag_id: str, run_id: str) -> list[tuple[str, str]]:
        self.page.goto(f"/dags/{dag_id}/runs/{quote(run_id)}")
        return [(name, state.lower()) for _, _, name, state, *_ in self._read_tasks()]

    def open_xcom(self, dag_id: str, run_id: str, map_index: int | None = None) -> None:
        self._open_task(dag_id, run_id, "/xcom" if map_index is None else f"/mapped/{map_index}/xcom")
        self.page.get_by_role("button", name="Expand all").click()
        self._read("loaded")

    def _open_task(self, dag_id: str, run_id: str, tab: str = "") -> None:
        self.page.goto(f"/dags/{dag_id}/runs/{quote(run_id)}/tasks/{TASK_ID}{tab}")

    def _press_in_row(self, conn_id: str, button: str) -> None:
        self.page.goto("/connections")
        self.page.locator("tr", has_text=conn_id).get_by_role("button", name=button).click()

    def _fill(self, typed: Mapping[str, str]) -> None:
        for name, text in typed.items():
            field = self.page.locator(f"[name=element_{name}]")
            if field.get_attribute("type") == "hidden":  # of a list to choose from
                self.page.locator(f"#element_{name}").get_by_role("combobox").fill(text)
                self.page.get_by_role("option", name=text, exact=True).click()
            else:
                field.fill(text)
