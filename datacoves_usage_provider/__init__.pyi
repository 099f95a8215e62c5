"""The types of the public names, for type checkers; at runtime each is loaded when it is first used."""

from datacoves_usage_provider.api.usage_api import UsageApi as UsageApi
from datacoves_usage_provider.api.usage_api import UsagePage as UsagePage
from datacoves_usage_provider.client.decoding import JsonAmount as JsonAmount
from datacoves_usage_provider.client.decoding import JsonCount as JsonCount
from datacoves_usage_provider.client.decoding import JsonId as JsonId
from datacoves_usage_provider.client.decoding import JsonNumber as JsonNumber
from datacoves_usage_provider.client.decoding import decode_json as decode_json
from datacoves_usage_provider.client.decoding import find_message as find_message
from datacoves_usage_provider.client.decoding import find_text as find_text
from datacoves_usage_provider.client.request import UsageRequest as UsageRequest
from datacoves_usage_provider.client.settings import ClientSettings as ClientSettings
from datacoves_usage_provider.exceptions import FinalUsageError as FinalUsageError
from datacoves_usage_provider.exceptions import RetriableError as RetriableError
from datacoves_usage_provider.exceptions import UsageApiError as UsageApiError
from datacoves_usage_provider.exceptions import UsageApiUnavailableError as UsageApiUnavailableError
from datacoves_usage_provider.exceptions import UsageConfigError as UsageConfigError
from datacoves_usage_provider.exceptions import UsageDataError as UsageDataError
from datacoves_usage_provider.exceptions import UsageError as UsageError
from datacoves_usage_provider.exceptions import WarehouseUnavailableError as WarehouseUnavailableError
from datacoves_usage_provider.hooks.adverity import AdverityHook as AdverityHook
from datacoves_usage_provider.hooks.b3os import B3osHook as B3osHook
from datacoves_usage_provider.hooks.datacoves_billing import DatacovesBillingHook as DatacovesBillingHook
from datacoves_usage_provider.hooks.usage import UsageHook as UsageHook
from datacoves_usage_provider.hooks.webcrawlerapi import WebCrawlerApiHook as WebCrawlerApiHook
from datacoves_usage_provider.meters import Meter as Meter
from datacoves_usage_provider.operators.allocation import AllocateUsageOperator as AllocateUsageOperator
from datacoves_usage_provider.operators.budgets import CheckBudgetsOperator as CheckBudgetsOperator
from datacoves_usage_provider.operators.reference_data import SyncReferenceDataOperator as SyncReferenceDataOperator
from datacoves_usage_provider.operators.report import ReportUsageOperator as ReportUsageOperator
from datacoves_usage_provider.operators.usage import CollectUsageOperator as CollectUsageOperator
from datacoves_usage_provider.query import Scope as Scope
from datacoves_usage_provider.query import UsageQuery as UsageQuery
from datacoves_usage_provider.records import UsageRecord as UsageRecord
from datacoves_usage_provider.text import shorten as shorten
from datacoves_usage_provider.window import UsageWindow as UsageWindow
from datacoves_usage_provider.window import utc_day as utc_day

__version__: str
