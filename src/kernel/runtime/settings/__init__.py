"""What a person can set. Defaults, then one TOML file, then the environment, then flags: the last one wins.

    `server.port`  is  `[server] port = 8010`  in the file  and  `HOMEWRIGHT_SERVER_PORT=8010`  in the environment

One underscore joins the parts of a name; a test holds that no two settings meet in one variable. Everything is checked
at start and all problems are told at once. `tree` declares the settings, `load` reads them, `table` writes them down.
"""

from kernel.runtime.settings.load import CONFIG_VARIABLE, BadSettings, load
from kernel.runtime.settings.secret import Secret
from kernel.runtime.settings.table import Setting, as_markdown, settings_table, shown
from kernel.runtime.settings.tree import Settings

__all__ = [
    "CONFIG_VARIABLE",
    "BadSettings",
    "Secret",
    "Setting",
    "Settings",
    "as_markdown",
    "load",
    "settings_table",
    "shown",
]
