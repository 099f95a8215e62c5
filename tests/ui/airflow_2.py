"""The pages of Airflow 2: forms of Flask-AppBuilder; a connection is tested from its own form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import parse_qs, quote, urlsplit

from tests.ui.interface import TASK_ID, FormField, Interface, Triggered

_GRID = "#react-container div >> nth=0"  # in a shadow root, which the text of the body leaves out
_READ_FIELDS = """rows => rows
    .filter(row => row.offsetParent)
    .map(row => [row, row.querySelector("[name]")])
    .filter(([_, input]) => input)
    .map(([row, input]) => ({
        name: input.name.replace(/^extra__.+?__/, ""),
        label: row.querySelector("label").textContent.replace("*", "").trim(),
        help: row.querySelector(".help-block").textContent.trim(),
        example: input.placeholder ?? "",
        type: input.type,
        value: input.value,
    }))"""


class Airflow2(Interface):
    rest_api = "/api/v1"
    common_fields: ClassVar = frozenset({"conn_id", "conn_type", "description", "extra"})

    def open_new_connection(self, conn_id: str, type_name: str) -> None:
        self.page.goto("/connection/add")
        self.page.locator("#conn_id").fill(conn_id)
        self.page.locator("#select2-conn_type-container").click()
        self.page.get_by_role("option", name=type_name, exact=True).click()

    def open_connection(self, conn_id: str) -> None:
        self.page.goto("/connection/list/")
        self.page.locator("tr", has_text=conn_id).locator("a[href*='/connection/edit/']").click()
        self.page.locator("#test-connection").wait_for()

    def read_form(self) -> dict[str, FormField]:
        found: list[dict[str, Any]] = self.page.locator("#model_form tr").evaluate_all(_READ_FIELDS)
        return {field.pop("name"): FormField(**field) for field in found}

    def type_standard_fields(self, typed: Mapping[str, str]) -> None:
        for name, text in typed.items():
            self.page.locator(f"#{name}").fill(text)

    def type_own_fields(self, typed: Mapping[str, str]) -> None:
        for name, text in typed.items():
            self.page.locator(f"[name^=extra__][name$=__{name}]:visible").fill(text)

    def save_connection(self) -> None:
        with self.page.expect_response(lambda response: response.request.method == "POST" and response.status == 302):
            self.page.get_by_role("button", name="Save").click()
        self.page.wait_for_load_state()

    def press_test(self, conn_id: str, key: str) -> str:
        self.open_connection(conn_id)
        self.page.locator("#password").fill(key)  # the form does not send the saved one
        with self.page.expect_response("**/connections/test"):
            self.page.locator("#test-connection").click()
        alert = self.page.locator(".container .row .alert")
        alert.wait_for()
        self.page.evaluate("scrollTo(0, 0)")
        return alert.inner_text()

    def read_dag_list(self) -> str:
        self.page.goto("/home")
        return self._read("Recent Tasks")

    def read_dag_page(self, dag_id: str) -> str:
        self.page.goto(f"/dags/{dag_id}/grid")
        self.page.get_by_text("DAG Docs").click()
        self.page.locator(".panel-collapse.in").wait_for()
        return self._read(dag_id)

    def open_trigger(self, dag_id: str) -> None:
        self.page.goto(f"/dags/{dag_id}/grid")
        self.page.get_by_label("Trigger DAG").click()  # for a DAG without a form that is all
        self.page.wait_for_load_state("networkidle")

    def type_params(self, typed: Mapping[str, str]) -> None:
        for name, text in typed.items():
            field = self.page.locator(f"#element_{name}")
            if field.evaluate("field => field.tagName") == "SELECT":
                self.page.locator(f"#select2-element_{name}-container").click()
                self.page.get_by_role("option", name=text, exact=True).click()
            else:
                field.fill(text)
                field.press("Tab")

    def switch_on(self, name: str) -> None:
        self.page.locator(f"#element_{name} + .switch").click()

    def read_chosen(self, name: str) -> list[str]:
        chosen = self.page.locator(f"#element_{name} option:checked")
        return list(chosen.evaluate_all("options => options.map(option => option.value)"))

    def _take_out(self, name: str, text: str) -> None:
        shown = self.page.locator(f"#element_{name} + .select2")
        shown.get_by_title(text, exact=True).locator(".select2-selection__choice__remove").click()

    def press_trigger(self) -> Triggered:
        button = self.page.get_by_role("button", name="Trigger", exact=True)
        if button.count():
            button.click()
            self.page.wait_for_load_state("networkidle")
        run_id = parse_qs(urlsplit(self.page.url).query).get("dag_run_id")
        return Triggered(run_id[0], "") if run_id else Triggered(None, " ".join(self._read_complaints()))

    def read_log(self, dag_id: str, run_id: str) -> str:
        self._open_task(dag_id, run_id, "logs")
        return self._read("Post task execution logs", _GRID)

    def read_rendered(self, dag_id: str, run_id: str) -> str:
        run = self.get(f"dags/{dag_id}/dagRuns/{quote(run_id)}")
        date = quote(run["execution_date"])
        self.page.goto(f"/rendered-templates?dag_id={dag_id}&task_id={TASK_ID}&execution_date={date}")
        return self._read("usage_conn_id")

    def read_mapped(self, dag_id: str, run_id: str) -> list[tuple[str, str]]:
        self._open_task(dag_id, run_id, "mapped_tasks")
        return [(name, state) for name, state, *_ in self._read_tasks()]

    def open_xcom(self, dag_id: str, run_id: str, map_index: int | None = None) -> None:
        self._open_task(dag_id, run_id, "xcom" if map_index is None else f"xcom&map_index={map_index}")
        self._read("loaded", _GRID)

    def _open_task(self, dag_id: str, run_id: str, tab: str) -> None:
        self.page.goto(f"/dags/{dag_id}/grid?dag_run_id={quote(run_id)}&task_id={TASK_ID}&tab={tab}")

    def _read_complaints(self) -> list[str]:
        invalid = self.page.locator("#trigger_form :invalid")
        said = invalid.evaluate_all("fields => fields.map(field => field.validationMessage)")
        return [*self.page.locator(".alert").all_inner_texts(), *said]
