"""Metrics: what Prometheus reads is what happened."""

from __future__ import annotations

from collections.abc import Iterable

from litestar import get
from litestar.params import FromPath
from prometheus_client.parser import text_string_to_metric_families
from tests.kernel.runtime.house import house, visiting

from kernel.errors import Conflict
from kernel.facade.meter import Meter
from kernel.runtime.access import guard
from kernel.runtime.gateway import Gateway
from kernel.runtime.observe.metrics import Metrics
from kernel.runtime.observe.reading import Reading

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(text: str) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def of(found: Samples, name: str, **labels: str) -> float:
    return found["homewright_" + name, frozenset(labels.items())]


async def read(app: Gateway) -> Samples:
    async with visiting(app) as client:
        answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return samples(answer.text)


async def test_only_a_viewer_may_read_them() -> None:
    async with visiting(house(), None) as client:
        assert (await client.get("/metrics")).status_code == 401


async def test_calls_errors_and_latency_per_operation_and_route() -> None:
    meter = Meter()
    for seconds in (0.0002, 0.02, 20.0):
        meter.tally("patterns/Replay/replay", "local").note(seconds)
    meter.tally("patterns/Replay/replay", "remote").note(0.1)
    meter.tally("patterns/Replay/replay", "local").failed(Conflict(what="x"))
    found = await read(house(meter=meter))
    where = {"operation": "patterns/Replay/replay", "route": "local"}
    assert of(found, "operation_calls_total", **where) == 3
    assert of(found, "operation_errors_total", **where, type="kernel.Conflict") == 1
    assert of(found, "operation_seconds_bucket", **where, le="0.0005") == 1
    assert of(found, "operation_seconds_bucket", **where, le="+Inf") == 3
    assert of(found, "operation_seconds_count", **where) == 3
    assert of(found, "operation_calls_total", operation="patterns/Replay/replay", route="remote") == 1


async def test_requests_are_counted_by_template_not_by_path() -> None:
    @get("/api/v1/room/{name:str}", guards=[guard("viewer")])
    async def room(name: FromPath[str]) -> str:
        return name

    app = house([room])
    async with visiting(app) as client:
        for name in ("kitchen", "attic"):
            await client.get(f"/api/v1/room/{name}")
        await client.get("/nothing/at/all")
    async with visiting(app, None) as client:
        await client.get("/api/v1/room/attic")
    found = await read(app)
    template = "/api/v1/room/{name}"
    assert of(found, "http_request_seconds_count", method="GET", route=template, status="200") == 2
    assert of(found, "http_request_seconds_count", method="GET", route=template, status="401") == 1
    assert of(found, "http_request_seconds_count", method="GET", route="unknown", status="404") == 1


async def test_the_process_tells_its_memory() -> None:
    found = await read(house())
    assert found["process_resident_memory_bytes", frozenset()] > 10_000_000


async def test_a_source_that_fails_does_not_hide_the_others() -> None:
    async def backlog() -> Iterable[Reading]:
        return [
            Reading("outbox_backlog", "Events that wait.", 3, {"module": "patterns"}),
            Reading("outbox_backlog", "Events that wait.", 4, {"module": "audit"}),
        ]

    async def broken() -> Iterable[Reading]:
        raise Conflict(what="closed")

    metrics = Metrics(Meter())
    metrics.add(broken)
    metrics.add(backlog)
    found = samples((await metrics.render()).decode())
    assert of(found, "outbox_backlog", module="patterns") == 3
    assert of(found, "outbox_backlog", module="audit") == 4
