"""What can be seen from outside: logs with trace ids, W3C trace context, Prometheus metrics. Never a secret in any."""

from kernel.runtime.observe.log import logger, set_up_logs
from kernel.runtime.observe.trace import Traceparent, format_traceparent, parse_traceparent

__all__ = ["Traceparent", "format_traceparent", "logger", "parse_traceparent", "set_up_logs"]
