"""From a rule to what a person sees: a sentence, and YAML as in Home Assistant's automations.yaml."""

from __future__ import annotations

import json

from modules.automation.errors import NotExpressible
from modules.automation.internal.domain.document import automation_id, document
from modules.automation.internal.domain.sentences import sentence
from modules.automation.internal.domain.yaml_text import comment, to_yaml
from modules.automation.types import RenderedAutomation
from modules.patterns.types import Rule


def render(rule: Rule, identity: str | None = None, remarks: tuple[str, ...] = ()) -> RenderedAutomation:
    """`identity`: by default a digest of what the rule does; `remarks` stand above the automation as comments.

    Raises NotExpressible.
    """
    identity, told = identity or automation_id(rule), sentence(rule)
    content = document(rule, identity, told)
    try:
        text = comment(remarks) + to_yaml([content])
        text.encode()
    except (UnicodeEncodeError, RecursionError) as problem:
        raise NotExpressible(
            part=f"the rule {rule.name!a}", reason=f"it cannot be written as text: {problem}"
        ) from None
    plain = json.dumps(content, ensure_ascii=False)
    return RenderedAutomation(automation_id=identity, yaml=text, sentence=told, json=plain)
