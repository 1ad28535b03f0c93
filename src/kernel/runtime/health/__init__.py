"""Whether the house is alive and ready. Health that cannot fail is worth nothing: each check names what is wrong.

`Health` runs named checks side by side, each with a time limit; `checks` holds those that the kernel itself offers.
"""

from kernel.runtime.health.health import Check, CheckResult, Health, Readiness

__all__ = ["Check", "CheckResult", "Health", "Readiness"]
