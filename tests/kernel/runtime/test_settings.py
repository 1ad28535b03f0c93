"""Settings: where a value comes from, what is refused, and what is never shown."""

from __future__ import annotations

import copy
import json
import pickle
from pathlib import Path

import msgspec
import pytest

from kernel.runtime.settings import BadSettings, Secret, as_markdown, load, settings_table, shown
from kernel.runtime.settings.table import in_words

REPOSITORY = Path(__file__).parents[3]


def toml(folder: Path, text: str) -> Path:
    path = folder / "homewright.toml"
    path.write_text(text, encoding="utf-8")
    return path


def refused(env: dict[str, str], path: Path | None = None) -> str:
    with pytest.raises(BadSettings) as caught:
        load(env, path)
    return str(caught.value)


def test_the_last_source_wins_and_is_known(tmp_path: Path) -> None:
    path = toml(tmp_path, "[server]\nport = 1001\nhost = '0.0.0.0'\n[log]\nlevel = 'error'\n")
    settings = load({"HOMEWRIGHT_SERVER_PORT": "1002", "HOMEWRIGHT_SERVER_HOST": "::1"}, path, {"server.port": 1003})
    assert (settings.server.port, settings.server.host, settings.log.level) == (1003, "::1", "error")
    assert settings.source("server.port") == "the command line"
    assert settings.source("server.host") == "HOMEWRIGHT_SERVER_HOST"
    assert settings.source("log.level") == str(path)
    assert settings.source("log.format") == "default"


def test_a_flag_that_was_not_given_changes_nothing() -> None:
    assert load({"HOMEWRIGHT_SERVER_PORT": "7"}, flags={"server.port": None}).server.port == 7


def test_the_file_is_found_in_the_data_folder(tmp_path: Path) -> None:
    toml(tmp_path, "[server]\nport = 1234\n")
    assert load({"HOMEWRIGHT_DATA_DIR": str(tmp_path)}).server.port == 1234


def test_the_named_file_is_read_and_must_exist(tmp_path: Path) -> None:
    path = toml(tmp_path, "data_dir = '/srv/home'\n")
    assert load({"HOMEWRIGHT_CONFIG": str(path)}).data_dir == Path("/srv/home")
    assert "missing.toml" in refused({"HOMEWRIGHT_CONFIG": str(tmp_path / "missing.toml")})


def test_a_file_in_the_data_folder_cannot_move_the_data_folder(tmp_path: Path) -> None:
    toml(tmp_path, "data_dir = '/elsewhere'\n")
    assert "HOMEWRIGHT_DATA_DIR" in refused({"HOMEWRIGHT_DATA_DIR": str(tmp_path)})


@pytest.mark.parametrize(
    ("variable", "nearest"),
    [
        ("HOMEWRIGHT_SERVER_PROT", "HOMEWRIGHT_SERVER_PORT"),
        ("HOMEWRIGHT_DATADIR", "HOMEWRIGHT_DATA_DIR"),
        ("HOMEWRIGHT_CONFIGURATION", "HOMEWRIGHT_CONFIG"),
    ],
)
def test_an_unknown_variable_is_refused_with_the_nearest_name(variable: str, nearest: str) -> None:
    assert f"the nearest is {nearest}" in refused({variable: "1"})


def test_an_unknown_key_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    message = refused({}, toml(tmp_path, "port = 1\n[servr]\nhost = 'a'\n[log]\nlevels = 'info'\n"))
    assert "'port'; the nearest is 'server.port'" in message
    assert "'servr.host'; the nearest is 'server.host'" in message
    assert "'log.levels'; the nearest is 'log.level'" in message


def test_the_tests_own_variables_are_left_alone() -> None:
    load({"HOMEWRIGHT_TEST_POSTGRES": "x", "PATH": "/bin"})


def test_all_problems_are_told_at_once(tmp_path: Path) -> None:
    path = toml(tmp_path, "[server]\nport = 'eighty'\n")
    message = refused({"HOMEWRIGHT_LOG_LEVEL": "loud", "HOMEWRIGHT_HOME_ZONE": "Europe/Berlim"}, path)
    assert str(path) in message
    assert "HOMEWRIGHT_LOG_LEVEL" in message
    assert "Europe/Berlim" in message


@pytest.mark.parametrize(
    ("env", "says"),
    [
        ({"HOMEWRIGHT_SERVER_PORT": "70000"}, "65535"),
        ({"HOMEWRIGHT_SERVER_PORT": "eighty"}, "server.port"),
        ({"HOMEWRIGHT_LEARN_CRON": "every night"}, "five fields"),
        ({"HOMEWRIGHT_HOME_LATITUDE": "50"}, "set both or none"),
        ({"HOMEWRIGHT_HOME_LATITUDE": "95", "HOMEWRIGHT_HOME_LONGITUDE": "0"}, "no latitude"),
        ({"HOMEWRIGHT_HOME_ZONE": "../etc/passwd"}, "no time zone"),
        ({"HOMEWRIGHT_PEERS_URLS": "patterns"}, "module=address"),
        ({"HOMEWRIGHT_PEERS_URLS": "patterns=localhost:8020"}, "http://host:port"),
        ({"HOMEWRIGHT_DATABASE_URL": "mysql://h/x"}, "sqlite:///"),
        ({"HOMEWRIGHT_DATABASE_URL": "sqlite:////one.db"}, "{module}"),
    ],
)
def test_a_value_that_makes_no_sense_is_refused_at_start(env: dict[str, str], says: str) -> None:
    assert says in refused(env)


@pytest.mark.parametrize("text", ["[server\n", "\xff"])
def test_a_file_that_is_no_toml_is_refused_in_a_sentence(tmp_path: Path, text: str) -> None:
    path = tmp_path / "homewright.toml"
    path.write_bytes(text.encode("latin-1"))
    assert f"{path} cannot be read" in refused({}, path)


def test_maps_and_lists_are_written_with_commas_in_the_environment(tmp_path: Path) -> None:
    env = {"HOMEWRIGHT_PEERS_URLS": "patterns=http://a:1, audit=http://b:2", "HOMEWRIGHT_PLUGINS_DISABLED": "x, y"}
    from_env = load(env)
    text = "[peers.urls]\npatterns='http://a:1'\naudit='http://b:2'\n[plugins]\ndisabled=['x','y']\n"
    from_file = load({}, toml(tmp_path, text))
    assert from_env.peers.urls == from_file.peers.urls == {"patterns": "http://a:1", "audit": "http://b:2"}
    assert from_env.plugins.disabled == from_file.plugins.disabled == ("x", "y")


def test_a_database_address_is_filled_in_per_module() -> None:
    assert load({"HOMEWRIGHT_DATA_DIR": "/d"}).database_url("audit") == "sqlite:////d/audit.db"
    shared = load({"HOMEWRIGHT_DATABASE_URL": "postgresql+psycopg://u:p@h/home"})
    assert shared.database_url("audit") == shared.database_url("patterns") == "postgresql+psycopg://u:p@h/home"


def test_settings_cannot_be_changed() -> None:
    settings = load({"HOMEWRIGHT_PEERS_URLS": "a=http://b:1"})
    with pytest.raises(AttributeError):
        settings.server.port = 1  # type: ignore[misc]
    with pytest.raises(TypeError):
        settings.peers.urls["a"] = "http://evil:1"  # type: ignore[index]


def test_a_secret_is_never_shown() -> None:
    canary = "canary-7f3a"
    settings = load(
        {"HOMEWRIGHT_PEERS_TOKEN": canary, "HOMEWRIGHT_DATABASE_URL": f"postgresql+psycopg://u:{canary}@h/d"}
    )
    rows = [text for _, text, _ in shown(settings)]
    seen = [
        repr(settings),
        str(settings),
        f"{settings.peers.token}",
        str(settings.peers.token),
        f"{settings.peers.token:>9}",
        *rows,
    ]
    assert not any(canary in text for text in seen)
    assert settings.peers.token is not None
    assert settings.peers.token.reveal() == canary


def test_a_secret_is_not_encoded_copied_or_pickled() -> None:
    secret = Secret("canary")
    for carry in (msgspec.json.encode, json.dumps, pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            carry(secret)  # type: ignore[operator]


def test_a_wrong_secret_is_not_told_in_the_refusal(tmp_path: Path) -> None:
    message = refused({}, toml(tmp_path, "[peers]\ntoken = 271828\n"))
    assert "271828" not in message
    assert "peers.token" in message


def test_no_two_settings_meet_in_one_variable() -> None:
    variables = [setting.variable for setting in settings_table()]
    assert len(set(variables)) == len(variables)


def test_every_default_is_within_its_own_limits() -> None:
    for setting in settings_table():
        if not setting.secret and in_words(setting.default) != "(none)":
            load({setting.variable: in_words(setting.default)})


def test_the_page_of_settings_is_the_code() -> None:
    assert (REPOSITORY / "docs/settings.md").read_text(encoding="utf-8") == as_markdown()
