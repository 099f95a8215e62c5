"""What a task has read and written, under the names that OpenLineage's naming specification gives it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, NamedTuple, Protocol
from urllib.parse import urlsplit


class DatasetName(NamedTuple):
    namespace: str
    name: str


class LineageSource(Protocol):
    def name_datasets(self) -> Iterator[DatasetName]: ...


class Lineage(NamedTuple):
    inputs: Sequence[LineageSource]
    outputs: Sequence[LineageSource]


class UsageAccount(NamedTuple):
    """What a usage API says of one billing account: it has no name of its own in the specification."""

    usage_conn_id: str
    billing_account_id: str

    def name_datasets(self) -> Iterator[DatasetName]:
        from datacoves_usage_provider.connections import get_hook
        from datacoves_usage_provider.hooks.usage import UsageHook

        url = urlsplit(get_hook(self.usage_conn_id, "usage API", UsageHook).settings.url)
        yield DatasetName(f"{url.scheme}://{url.netloc}", self.billing_account_id)


class Tables(NamedTuple):
    """Tables or views ``names`` behind a SQL connection; without ``schema`` they are in the session's own."""

    sql_conn_id: str
    schema: str | None
    names: Collection[str]

    def name_datasets(self) -> Iterator[DatasetName]:
        from airflow.providers.common.sql.hooks.sql import DbApiHook

        from datacoves_usage_provider.connections import get_hook

        hook = get_hook(self.sql_conn_id, "warehouse", DbApiHook)
        database = hook.get_openlineage_database_info(hook.get_connection(self.sql_conn_id))
        if database is None:  # no one has told OpenLineage how this kind of database is named
            yield from self._name_by_url(hook.get_uri())
            return
        schema = self.schema or hook.get_openlineage_default_schema()
        for table in self.names:
            name = ".".join(filter(None, (database.database, schema, table)))
            yield DatasetName(
                f"{database.scheme}://{database.authority}", name.upper() if database.is_uppercase_names else name
            )

    def _name_by_url(self, uri: str) -> Iterator[DatasetName]:
        from sqlalchemy.engine import make_url

        url = make_url(uri)
        authority = ":".join(str(part) for part in (url.host, url.port) if part)
        scheme = url.get_backend_name()
        for table in self.names:
            name = ".".join(filter(None, (url.database, self.schema, table)))
            yield DatasetName(f"{scheme}://{authority}" if authority else scheme, name)


class Files(NamedTuple):
    """Files by absolute path or URL, without the connection that Airflow lets a URL name (``s3://conn@bucket``)."""

    paths: Collection[str]

    def name_datasets(self) -> Iterator[DatasetName]:
        for path in self.paths:
            if "://" not in path or path.startswith("file://"):
                yield DatasetName("file", path.removeprefix("file://"))
            else:
                url = urlsplit(path)
                yield DatasetName(f"{url.scheme}://{url.netloc.rpartition('@')[2]}", url.path.lstrip("/"))


def make_operator_lineage(lineage: Lineage | None) -> Any:
    """Return the ``OperatorLineage`` of Airflow's OpenLineage provider, an empty one for a task that failed."""
    from airflow.providers.common.compat.openlineage.facet import Dataset
    from airflow.providers.openlineage.extractors import OperatorLineage

    def make_datasets(sources: Sequence[LineageSource]) -> list[Any]:
        return [Dataset(**name._asdict()) for source in sources for name in source.name_datasets()]

    inputs, outputs = (make_datasets(sources) for sources in lineage or ((), ()))
    return OperatorLineage(inputs=inputs, outputs=outputs)
