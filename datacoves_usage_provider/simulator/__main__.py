"""``python -m datacoves_usage_provider.simulator``: the usage APIs on a loopback port."""

from __future__ import annotations

import signal
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter

from datacoves_usage_provider.simulator import Adverity, B3os, DatacovesBilling, Simulator, WebCrawlerApi
from datacoves_usage_provider.simulator.argument_types import (
    FAULT_HELP,
    parse_count,
    parse_fault,
    parse_key,
    parse_port,
    parse_slugs,
)
from datacoves_usage_provider.simulator.datacoves_dates import DATE_STYLES
from datacoves_usage_provider.simulator.greeting import make_connections, make_greeting

STOP = (signal.SIGINT, signal.SIGTERM)


def main() -> None:
    parser = make_parser()
    arguments = parser.parse_args()
    # Blocked before the threads start, so that a signal, however early, waits for sigwait and kills no thread.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP)
    simulator = Simulator(make_billing_api(arguments), Adverity(), WebCrawlerApi(), B3os(), port=arguments.port)
    simulator.faults += arguments.fault
    try:
        simulator.start()
    except OSError as error:
        parser.error(f"port {arguments.port} of 127.0.0.1 cannot be used: {error.strerror}")
    print(make_greeting(simulator.url, make_connections(simulator, arguments.key)), flush=True)
    signal.sigwait(STOP)
    simulator.stop()
    print(f"Stopped. Requests that arrived: {len(simulator.requests)}.", flush=True)


def make_parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="python -m datacoves_usage_provider.simulator",
        description="Serve the usage APIs of Datacoves, Adverity, WebCrawlerAPI and B3OS on 127.0.0.1, as they are "
        "documented, with made-up usage. The key, the environments and the switches are those of Datacoves; a fault "
        "meets the next request to any of the APIs.",
        epilog=FAULT_HELP,
        formatter_class=RawDescriptionHelpFormatter,
        usage="%(prog)s [--port PORT] [--key KEY] [switches] [--fault FAULT]...",
    )
    parser.add_argument("--port", type=parse_port, default=0, help="the port; without it, a free one")
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
        help="what the first request meets (see below); repeat it for the next ones",
    )
    return parser


def add_switches(parser: ArgumentParser) -> None:
    group = parser.add_argument_group("what the documents of Datacoves leave open")
    group.add_argument("--end-exclusive", action="store_true", help="end_date is the day after the last one")
    group.add_argument("--no-equal-dates", action="store_true", help="start_date == end_date is refused")
    group.add_argument("--limit-is-distance", action="store_true", help="180 days apart is allowed, not only 179")
    group.add_argument("--unknown-in-unfiltered", action="store_true", help="answers for all services have 'unknown'")
    group.add_argument("--older-defaults", action="store_true", help="the default dates are today and in 30 days")
    group.add_argument(
        "--date-style",
        choices=DATE_STYLES,
        default="timestamp",
        metavar="STYLE",
        help=f"how 'date' is written: {', '.join(DATE_STYLES)}",
    )
    group.add_argument("--rows-per-day", type=parse_count, default=1, metavar="N", help="split each day into N rows")
    group.add_argument("--echo-key", action="store_true", help="errors tell the key, as a careless server's do")


def make_billing_api(arguments: Namespace) -> DatacovesBilling:
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
