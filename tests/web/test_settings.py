from __future__ import annotations

import dataclasses

import pytest

from kg.web.settings import Settings


def test_the_environment_sets_what_is_not_given() -> None:
    settings = Settings.from_environment(
        {"KG_PORT": "9000", "KG_WATCH": "yes", "KG_TIMEOUT": "2.5"}, port=9001, host=None
    )
    assert (settings.port, settings.watch, settings.timeout, settings.host) == (9001, True, 2.5, "127.0.0.1")


@pytest.mark.parametrize("variable", ["KG_PORT", "KG_TIMEOUT", "KG_WATCH"])
def test_a_variable_that_does_not_fit_is_named(variable: str) -> None:
    with pytest.raises(ValueError, match=variable):
        Settings.from_environment({variable: "perhaps"})


@pytest.mark.parametrize(
    "given", [{"workers": 0}, {"memory": 100}, {"timeout": 0.0}, {"cache": -1}, {"threads": 8, "queue": 8}, {"port": 0}]
)
def test_settings_that_cannot_work_are_refused(given: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(given))):
        Settings(**given)  # type: ignore[arg-type]


def test_every_setting_has_help_and_a_variable() -> None:
    fields = dataclasses.fields(Settings)
    assert all(field.metadata["help"].endswith(".") for field in fields)
    assert len({field.metadata["environment"] for field in fields}) == len(fields)


def test_the_public_url_is_never_a_wildcard_address() -> None:
    assert Settings(host="0.0.0.0").public_url == "http://localhost:8000"
    assert Settings(host="::1", port=80).public_url == "http://[::1]:80"
    assert Settings(url="https://example.org/graph/").public_url == "https://example.org/graph"


def test_the_limits_of_the_pool_follow() -> None:
    limits = Settings(timeout=3.0, memory=300, answer_limit=2, queue=4).pool_limits
    assert (limits.seconds, limits.worker.memory, limits.answer, limits.waiting) == (3.0, 300 << 20, 2 << 20, 4)
