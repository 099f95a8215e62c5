"""What a user does in Airflow's pages, whichever major draws them."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import quote

from playwright.sync_api import FloatRect, Page

TASK_ID = "collect"

_ENDED = re.compile("success|skipped|failed", re.IGNORECASE)


def log_in(page: Page, url: str, user: str, password: str) -> None:
    page.goto(url)
    page.locator("[name=username]").fill(user)
    page.locator("[name=password]").fill(password)
    with page.expect_navigation(url=lambda url: "login" not in url):
        page.keyboard.press("Enter")


@dataclass(frozen=True)
class FormField:
    """``type`` is that of the HTML element: ``password`` shows dots."""

    label: str
    help: str
    example: str
    type: str
    value: str


@dataclass(frozen=True)
class Triggered:
    """What became of a trigger form: a run, or a complaint."""

    run_id: str | None
    complaint: str


class Interface(ABC):
    """
    Airflow in one tab of a browser; every wait ends.

    ``pages`` keeps the HTML of each page that was read, as the browser held it then.
    """

    rest_api: ClassVar[str]
    common_fields: ClassVar[frozenset[str]]
    """The fields of every connection form of this major that a connection type cannot do without."""

    def __init__(self, page: Page, pictures: Path) -> None:
        self.page = page
        self.pages: list[str] = []
        self.pictures = pictures

    def take_picture(self, name: str, height: int | None = None) -> None:
        """Keep what the tab shows; ``height``: only so many pixels from the top."""
        clip = FloatRect(x=0, y=0, width=self.page.evaluate("innerWidth"), height=height) if height else None
        self.page.screenshot(path=self.pictures / f"{name}.png", animations="disabled", clip=clip)

    def log_in(self, user: str, password: str) -> None:
        log_in(self.page, "/", user, password)

    def get(self, path: str) -> dict[str, Any]:
        """Return what the REST API says to the user who is logged in."""
        response = self.page.request.get(f"{self.rest_api}/{path}")
        return dict(response.json())

    def read_state(self, dag_id: str, run_id: str) -> str:
        return str(self.get(f"dags/{dag_id}/dagRuns/{quote(run_id)}")["state"])

    @abstractmethod
    def open_new_connection(self, conn_id: str, type_name: str) -> None:
        """Open an empty form with this id and type."""

    @abstractmethod
    def open_connection(self, conn_id: str) -> None:
        """Open the form of a saved connection."""

    @abstractmethod
    def read_form(self) -> dict[str, FormField]:
        """Return the fields that the open form shows, by the standard name or that of the extra."""

    @abstractmethod
    def type_standard_fields(self, typed: Mapping[str, str]) -> None:
        """Type into the open form, by the standard name: ``host``, ``password``."""

    @abstractmethod
    def type_own_fields(self, typed: Mapping[str, str]) -> None:
        """Type into the fields that the open form has of its type, by the name of the extra."""

    @abstractmethod
    def save_connection(self) -> None: ...

    @abstractmethod
    def press_test(self, conn_id: str, key: str) -> str:
        """Press the Test button of a saved connection; return what it says. The user has ``key`` at hand."""

    @abstractmethod
    def read_dag_list(self) -> str: ...

    @abstractmethod
    def read_dag_page(self, dag_id: str) -> str:
        """Return the text of a DAG's page, with its documentation opened."""

    @abstractmethod
    def open_trigger(self, dag_id: str) -> None:
        """Ask for a run of a DAG; it will be unpaused."""

    @abstractmethod
    def type_params(self, typed: Mapping[str, str]) -> None:
        """Type into the trigger form, by the name of the parameter, or choose what it offers."""

    @abstractmethod
    def switch_on(self, name: str) -> None:
        """Switch a parameter on that is either on or off."""

    def keep(self, name: str, kept: Collection[str]) -> None:
        """Take all but these out of the choices of a parameter that takes several."""
        for text in self.read_chosen(name):
            if text not in kept:
                self._take_out(name, text)

    @abstractmethod
    def read_chosen(self, name: str) -> list[str]:
        """Return the choices of a parameter that takes several."""

    @abstractmethod
    def _take_out(self, name: str, text: str) -> None: ...

    @abstractmethod
    def press_trigger(self) -> Triggered: ...

    @abstractmethod
    def read_mapped(self, dag_id: str, run_id: str) -> list[tuple[str, str]]:
        """Return name and state of each mapped task of a run."""

    @abstractmethod
    def read_log(self, dag_id: str, run_id: str) -> str: ...

    @abstractmethod
    def read_rendered(self, dag_id: str, run_id: str) -> str: ...

    @abstractmethod
    def open_xcom(self, dag_id: str, run_id: str, map_index: int | None = None) -> None: ...

    def copy_xcom(self) -> str:
        """Return what the Copy button of the task's value, on the open XCom page, puts into the clipboard."""
        self.page.evaluate("navigator.clipboard.writeText('')")
        # Airflow 2 keeps the task's outlets beside the value that it returned.
        value = self.page.locator("tr", has_text="return_value")
        value.get_by_role("button", name="Copy").first.click()
        self.page.wait_for_function("async () => (await navigator.clipboard.readText()).length > 0")
        return str(self.page.evaluate("navigator.clipboard.readText()"))

    def _read_tasks(self) -> list[list[str]]:
        """Return the cells of the page's table of tasks that have ended, once it has any."""
        rows = self.page.locator("tbody tr:has(td:nth-child(6))", has_text=_ENDED)
        rows.first.wait_for()
        self.pages.extend(rows.evaluate_all("rows => rows.map(row => row.innerHTML)"))
        return list(rows.evaluate_all("rows => rows.map(row => [...row.cells].map(cell => cell.innerText))"))

    def _read(self, waited_for: str, part: str = "body") -> str:
        """Return the text of a part of the page once ``waited_for`` can be seen in it."""
        shown = self.page.locator(part)
        shown.get_by_text(waited_for).filter(visible=True).first.wait_for()
        self.pages.append(shown.inner_html())
        return shown.inner_text()
