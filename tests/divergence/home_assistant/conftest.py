"""These tests ask a real Home Assistant, so they exist only where one is named.

HOMEWRIGHT_TEST_HA_PYTHON: a Python that has the package `pytest-homeassistant-custom-component` (PyPI).
"""

import os

collect_ignore = [] if os.environ.get("HOMEWRIGHT_TEST_HA_PYTHON") else ["test_firings_agree.py"]
