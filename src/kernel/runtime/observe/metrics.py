"""Prometheus metrics: drawn when asked for from plain tallies, so that a request pays for none of it.

homewright_operation_*   per facade operation and route (local, remote): calls, errors by type, latency
homewright_http_*        per method, route template and status
homewright_…             whatever `add` was given: outbox backlog, jobs, cache hits
process_*                memory, CPU, files, from prometheus-client
"""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from kernel.errors import Fault
from kernel.facade.meter import BOUNDS_SECONDS, Meter
from kernel.runtime.observe.log import logger
from kernel.runtime.observe.reading import Reading
from kernel.runtime.observe.requests import BOUNDS, RequestTallies

Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


Source = Callable[[], Awaitable[Iterable[Reading]]]


class Metrics:
    """What /metrics answers. A source that fails is logged and left out: the others still count."""

    def __init__(self, meter: Meter) -> None:
        self.requests = RequestTallies()
        self._meter = meter
        self._sources: list[Source] = []

    def add(self, source: Source) -> None:
        self._sources.append(source)

    async def render(self) -> bytes:
        """The exposition format 0.0.4."""
        registry = CollectorRegistry()
        registry.register(_Drawn([*self._operations(), *self._requests(), *_families(await self._readings())]))
        ProcessCollector(registry=registry)
        return generate_latest(registry)

    async def _readings(self) -> list[Reading]:
        readings: list[Reading] = []
        for source in self._sources:
            try:
                readings.extend(await source())
            except Fault as fault:
                logger("metrics").warning("source_failed", problem=str(fault))
        return readings

    def _operations(self) -> Iterator[Family]:
        labels = ["operation", "route"]
        calls = CounterMetricFamily("homewright_operation_calls", "Calls of a facade's operation.", labels=labels)
        errors = CounterMetricFamily(
            "homewright_operation_errors", "Calls that failed, by fault.", labels=[*labels, "type"]
        )
        latency = HistogramMetricFamily(
            "homewright_operation_seconds", "How long calls took; a stream: to its first item.", labels=labels
        )
        for measured in self._meter.snapshot():
            where = [measured.operation, measured.route]
            calls.add_metric(where, measured.calls)
            for kind, count in measured.failures.items():
                errors.add_metric([*where, kind], count)
            latency.add_metric(where, _cumulated(measured.buckets, BOUNDS_SECONDS), measured.seconds)
        yield from (calls, errors, latency)

    def _requests(self) -> Iterator[Family]:
        labels = ["method", "route", "status"]
        latency = HistogramMetricFamily("homewright_http_request_seconds", "How long requests took.", labels=labels)
        for (method, route, status), tally in self.requests:
            latency.add_metric([method, route, str(status)], _cumulated(tally.buckets, BOUNDS), tally.seconds)
        yield latency


class _Drawn(Collector):
    def __init__(self, families: list[Family]) -> None:
        self._families = families

    def collect(self) -> Iterator[Family]:
        return iter(self._families)


def _cumulated(buckets: Iterable[int], bounds: tuple[float, ...]) -> list[tuple[str, float]]:
    names = [*(f"{bound:g}" for bound in bounds), "+Inf"]
    return list(zip(names, map(float, itertools.accumulate(buckets)), strict=True))


def _families(readings: Iterable[Reading]) -> Iterator[Family]:
    families: dict[str, Family] = {}
    for reading in readings:
        if reading.name not in families:
            kind = CounterMetricFamily if reading.kind == "counter" else GaugeMetricFamily
            families[reading.name] = kind(f"homewright_{reading.name}", reading.help, labels=list(reading.labels))
        families[reading.name].add_metric(list(reading.labels.values()), reading.value)  # type: ignore[call-arg, arg-type]
    yield from families.values()
