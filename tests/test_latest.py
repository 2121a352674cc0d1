"""A dictionary of the latest few values, beside a list of what was used last."""

import threading

from hypothesis import given
from hypothesis import strategies as st

from resviz.latest import Latest
from tests.examples import examples

USES = st.lists(
    st.tuples(st.sampled_from(["put", "get", "take", "pop", "look"]), st.integers(0, 4)), min_size=30, max_size=60
)


@examples(100)
@given(USES)
def test_it_holds_the_values_used_last(uses):
    found, used = Latest(3), []
    for what, key in uses:
        if what == "put":
            found[key] = -key
            used = [*(k for k in used if k != key), key][-3:]
        elif what == "get":
            assert found.get(key) == (-key if key in used else None)
            used = [*(k for k in used if k != key), key] if key in used else used
        elif what == "take" and key in used:
            assert found[key] == -key
            used = [*(k for k in used if k != key), key]
        elif what == "pop":
            assert found.pop(key, "none") == (-key if key in used else "none")
            used = [k for k in used if k != key]
        else:
            found.pairs()  # looking at all uses none
        assert sorted(found.pairs()) == [(k, -k) for k in sorted(used)]


def test_many_threads_use_it_at_once():
    found, wrong = Latest(5), []

    def use(n):
        try:
            for k in range(2000):
                found[(n + k) % 9] = k
                found.get(k % 9)
                found.pairs()
                found.pop((n * k) % 9, None)
        except Exception as error:
            wrong.append(error)

    threads = [threading.Thread(target=use, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong and len(found) <= 5
