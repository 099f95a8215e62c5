"""``python -m datacoves_usage_provider.simulator``: the usage APIs on a loopback port."""

from __future__ import annotations

import signal
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence

from datacoves_usage_provider.simulator import APIS, DatacovesBilling, Simulator
from datacoves_usage_provider.simulator.arguments import (
    FAULT_HELP,
    parse_count,
    parse_fault,
    parse_key,
    parse_port,
    parse_slugs,
)
from datacoves_usage_provider.simulator.connection import Connection
from datacoves_usage_provider.simulator.datacoves import DATE_STYLES

STOP = (signal.SIGINT, signal.SIGTERM)


def main() -> None:
    parser = make_parser()
    arguments = parser.parse_args()
    # Blocked before the threads start, so that a signal, however early, waits for sigwait and kills no thread.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP)
    apis = [make_datacoves(arguments) if api is DatacovesBilling else api() for api in APIS]
    simulator = Simulator(*apis, port=arguments.port)
    simulator.faults += arguments.fault
    try:
        simulator.start()
    except OSError as error:
        parser.error(f"port {arguments.port} of 127.0.0.1 cannot be used: {error.strerror}")
    print(make_output(simulator.url, [api.make_connection(simulator.url) for api in apis]), flush=True)
    signal.sigwait(STOP)
    simulator.stop()
    print(f"Stopped. Requests received: {len(simulator.requests)}.", flush=True)


def make_output(url: str, connections: Sequence[Connection]) -> str:
    commands = "\n".join(f"    {connection.make_command()}" for connection in connections)
    exports = "\n".join(f"    {connection.make_export()}" for connection in connections)
    return f"""\
The usage APIs are served on {url}. Press Ctrl-C to stop.

Create the connections in Airflow:

{commands}

or set them for everything started from this shell:

{exports}
"""


def make_parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="python -m datacoves_usage_provider.simulator",
        description=f"Serve simulated usage APIs ({', '.join(api.name for api in APIS)}) on 127.0.0.1. They follow the "
        "vendors' documentation; their usage is pseudo-random. --key, --environments and the switches apply to "
        "Datacoves only. Each --fault applies to one request, to any of the APIs, in the order given.",
        epilog=FAULT_HELP,
        formatter_class=RawDescriptionHelpFormatter,
        usage="%(prog)s [--port PORT] [--key KEY] [switches] [--fault FAULT]...",
    )
    parser.add_argument("--port", type=parse_port, default=0, help="the port (default: a free one)")
    parser.add_argument(
        "--key",
        type=parse_key,
        default=DatacovesBilling.key,
        help="the Billing API key to accept (default: %(default)s)",
    )
    parser.add_argument(
        "--environments",
        metavar="SLUG,SLUG",
        type=parse_slugs,
        default=DatacovesBilling.environments,
        help=f"the project's environments (default: {','.join(DatacovesBilling.environments)})",
    )
    add_switches(parser)
    parser.add_argument(
        "--fault",
        metavar="FAULT",
        type=parse_fault,
        action="append",
        default=[],
        help="the fault of the first request (see below); repeat it for those that follow",
    )
    return parser


def add_switches(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("what the documentation of Datacoves leaves open")
    group.add_argument("--end-exclusive", action="store_true", help="end_date is the day after the last one")
    group.add_argument("--no-equal-dates", action="store_true", help="start_date == end_date is an error")
    group.add_argument("--limit-is-distance", action="store_true", help="dates may be 180 days apart, not only 179")
    group.add_argument(
        "--unknown-in-unfiltered", action="store_true", help="responses for all services include 'unknown'"
    )
    group.add_argument(
        "--older-defaults",
        action="store_true",
        help="dates not given are today and 30 days later, not 30 days ago and today",
    )
    group.add_argument(
        "--date-style",
        choices=DATE_STYLES,
        default="timestamp",
        metavar="STYLE",
        help=f"how 'date' is written: {', '.join(DATE_STYLES)}",
    )
    group.add_argument("--rows-per-day", type=parse_count, default=1, metavar="N", help="split each day into N rows")
    group.add_argument("--echo-key", action="store_true", help="errors leak the key, as those of a careless server do")


def make_datacoves(arguments: Namespace) -> DatacovesBilling:
    return DatacovesBilling(
        key=arguments.key,
        environments=arguments.environments,
        end_inclusive=not arguments.end_exclusive,
        equal_dates=not arguments.no_equal_dates,
        limit_counts_days=not arguments.limit_is_distance,
        unknown_in_unfiltered=arguments.unknown_in_unfiltered,
        older_defaults=arguments.older_defaults,
        date_style=arguments.date_style,
        rows_per_day=arguments.rows_per_day,
        echo_key=arguments.echo_key,
    )


if __name__ == "__main__":
    main()
