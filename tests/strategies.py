"""What hypothesis draws settings from."""

from typing import Any

from hypothesis import strategies as st

from resviz.fields import FieldFacts


def values_of(fact: FieldFacts, *often: Any) -> st.SearchStrategy[Any]:
    """Every value that one field takes by itself; `often` are numbers worth a visit more often than chance has it."""
    match fact.kind:
        case "choice":
            return st.sampled_from(list(fact.choices))
        case "int":
            assert fact.low is not None and fact.high is not None
            return st.integers(int(fact.low), int(fact.high))
        case "float":
            found = st.floats(fact.low, fact.high)
            return found | st.sampled_from(often) if often else found
    return st.just(())  # what these take depends on the other fields
