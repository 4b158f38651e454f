"""What is counted and timed, under Prometheus names; labels are few and bounded."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

REGISTRY = CollectorRegistry()

_ANSWER = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_WORK = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)

deliveries = Counter(
    "migsafe_webhook_deliveries", "Deliveries answered.", ["event", "action", "result"], registry=REGISTRY
)
answers = Histogram(
    "migsafe_webhook_ack_seconds", "From the delivery to its answer.", buckets=_ANSWER, registry=REGISTRY
)
last_valid = Gauge(
    "migsafe_webhook_last_valid_timestamp", "When the last delivery with a valid signature came.", registry=REGISTRY
)
jobs = Histogram("migsafe_job_seconds", "Work on one job.", ["kind", "outcome"], buckets=_WORK, registry=REGISTRY)
waits = Counter("migsafe_job_waits", "Times a job slept because GitHub asked it to.", ["kind"], registry=REGISTRY)
first_check = Histogram(
    "migsafe_time_to_first_check_seconds",
    "From the stored delivery to the check in progress.",
    buckets=_WORK,
    registry=REGISTRY,
)
verdict = Histogram(
    "migsafe_time_to_verdict_seconds", "From the stored delivery to its end.", buckets=_WORK, registry=REGISTRY
)
queued = Gauge("migsafe_queue_depth", "Jobs waiting or running.", ["state"], registry=REGISTRY)
oldest = Gauge("migsafe_queue_oldest_age_seconds", "Age of the oldest waiting job.", registry=REGISTRY)
redeliveries = Counter(
    "migsafe_redeliveries", "Failed deliveries that GitHub was asked to send again.", registry=REGISTRY
)
repairs = Counter("migsafe_repairs", "Jobs stored for heads without a concluded check.", registry=REGISTRY)
stuck_checks = Counter(
    "migsafe_stuck_checks", "Checks concluded because they were in progress for too long.", registry=REGISTRY
)
sweeps = Counter("migsafe_sweeps", "Sweeps, by how they ended.", ["outcome"], registry=REGISTRY)
reaped = Counter("migsafe_reaped_jobs", "Jobs taken over from a worker that is gone.", registry=REGISTRY)
confined = Counter(
    "migsafe_confined_runs", "Pieces of hostile input judged in a child process.", ["outcome"], registry=REGISTRY
)
github_requests = Counter(
    "migsafe_github_requests",
    "Requests to GitHub, by status; none if no answer came.",
    ["method", "status"],
    registry=REGISTRY,
)
github_limits = Counter(
    "migsafe_github_rate_limits", "Times GitHub asked for fewer requests.", ["kind"], registry=REGISTRY
)

github_remaining = Gauge(
    "migsafe_github_rate_remaining",
    "Requests that an installation has left in this hour, as GitHub's last answer said.",
    ["installation"],
    registry=REGISTRY,
)


def exposition() -> tuple[bytes, str]:
    """All of it as Prometheus reads it, and its content type."""
    return generate_latest(REGISTRY), CONTENT_TYPE_LATEST
