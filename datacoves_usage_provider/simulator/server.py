"""The simulator: its port, the faults that wait for a request, and the log of what arrived."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from threading import Lock, Thread
from types import TracebackType

from datacoves_usage_provider.simulator.datacoves_billing import DatacovesBilling
from datacoves_usage_provider.simulator.exchange import Api, Request, Response
from datacoves_usage_provider.simulator.faults import Fault
from datacoves_usage_provider.simulator.loopback import LOOPBACK, LoopbackServer


class Simulator:
    """
    Serves APIs on 127.0.0.1 from ``start`` to ``stop``, or for the length of a ``with`` block.

    ``port`` 0 takes a free one. Each request takes the first of ``faults``, where None lets one request pass, and is
    noted in ``requests`` before its answer is sent. Both are plain lists that may be changed at any time.
    """

    def __init__(self, api: Api, *more: Api, port: int = 0) -> None:
        self.faults: list[Fault | None] = []
        self.requests: list[Request] = []
        self._apis = (api, *more)
        self._port = port
        self._taking_fault = Lock()
        self._server: LoopbackServer | None = None

    @property
    def url(self) -> str:
        """The origin, such as ``http://127.0.0.1:41234``; after ``stop`` it refuses connections."""
        return f"http://{LOOPBACK}:{self._port}"

    @property
    def billing_url(self) -> str:
        """The Billing API URL as the Datacoves admin panel shows it."""
        return self.url + DatacovesBilling.path

    def start(self) -> None:
        """Raises ``OSError`` if the port is taken."""
        self._server = LoopbackServer(self._port, self._answer)
        self._port = self._server.server_address[1]
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        """Close the port and all connections, also those that wait for a slow answer."""
        if self._server:
            self._server.stop()
            self._server = None

    def __enter__(self) -> Simulator:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _answer(self, request: Request) -> Response:
        fault = self._take_fault()
        api = self._route(request)
        response = api.answer(request)
        if fault:
            response = fault.spoil(response)
        self.requests.append(replace(request, status=None if response.dropped else response.status))
        return api.finish(request, response)

    def _take_fault(self) -> Fault | None:
        with self._taking_fault, suppress(IndexError):
            return self.faults.pop(0)
        return None

    def _route(self, request: Request) -> Api:
        """Return the API whose path it is; the first one says that there is no such path."""
        return next((api for api in self._apis if request.path.startswith(api.path)), self._apis[0])
