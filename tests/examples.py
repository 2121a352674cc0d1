"""How many examples hypothesis tries: fewer in `make quick`, many more in `make thorough`."""

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, settings

QUICK = 5
DEEP = 10  # times as many
_FOR_ALL_EXAMPLES = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


def examples(number: int, *, shared_fixtures: bool = False) -> Callable[[Any], Any]:
    """Beside `@given`: so many in `make test`. `shared_fixtures`: a fixture is made once for all of them, and that is meant."""
    profile = settings.get_current_profile_name()
    count = min(number, QUICK) if profile == "quick" else DEEP * number if profile == "deep" else number
    return settings(max_examples=count, suppress_health_check=_FOR_ALL_EXAMPLES[: 2 if shared_fixtures else 1])
