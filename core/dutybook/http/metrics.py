"""What the server counts, in the text form that Prometheus reads."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.registry import Collector
from starlette.requests import Request
from starlette.responses import Response

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)


class Metrics:
    """The numbers of one server process."""

    def __init__(self, *collectors: Collector) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        for collector in collectors:
            self.registry.register(collector)
        self.requests = Counter(
            "dutybook_http_requests_total",
            "Requests answered, by route, method and status.",
            ["route", "method", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "dutybook_http_request_seconds",
            "How long requests took, by route.",
            ["route"],
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.in_flight = Gauge("dutybook_http_in_flight", "Requests being answered now.", registry=self.registry)
        self.operations = Counter(
            "dutybook_graphql_operations_total",
            "GraphQL operations answered, by kind and outcome: OK, or an error code.",
            ["kind", "outcome"],
            registry=self.registry,
        )

        self.streams = Gauge(
            "dutybook_subscriptions_open",
            "Subscriptions that are listened to now, by transport.",
            ["transport"],
            registry=self.registry,
        )
        self.events = Counter(
            "dutybook_subscription_events_total",
            "Events of subscriptions that clients have taken, by transport.",
            ["transport"],
            registry=self.registry,
        )

    async def page(self, _request: Request) -> Response:
        """The answer at /metrics."""
        return Response(generate_latest(self.registry), headers={"Content-Type": CONTENT_TYPE_PLAIN_0_0_4})
