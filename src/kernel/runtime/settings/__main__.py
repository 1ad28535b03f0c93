"""`python -m kernel.runtime.settings > docs/settings.md` writes the page of settings anew."""

from kernel.runtime.settings.table import as_markdown

print(as_markdown(), end="")
