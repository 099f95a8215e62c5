"""A server that is far away: what a client sends arrives only after a while, so each round trip takes that longer."""

from __future__ import annotations

import asyncio
import sys
from functools import partial

_AT_ONCE = 2**18


async def serve(port: int, seconds: float) -> None:
    """Print the port of a proxy of the server on the loopback ``port``, and forward until the process is ended."""
    server = await asyncio.start_server(partial(_connect, port, seconds), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def _connect(port: int, seconds: float, client: asyncio.StreamReader, to_client: asyncio.StreamWriter) -> None:
    from_server, to_server = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.gather(_forward(client, to_server, seconds), _forward(from_server, to_client, 0))


async def _forward(source: asyncio.StreamReader, target: asyncio.StreamWriter, seconds: float) -> None:
    """Forward what comes, each piece ``seconds`` after it came: like a long line, one that is full is not slower."""
    loop = asyncio.get_running_loop()
    try:
        while data := await source.read(_AT_ONCE):
            loop.call_later(seconds, target.write, data) if seconds else target.write(data)
    except ConnectionError:
        pass
    loop.call_later(seconds, target.close)


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
