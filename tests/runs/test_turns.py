"""Whose turn it is, by the seconds that viewers have had."""

from resviz.runs.turns import GRAIN_SECONDS, Turns


def test_those_who_have_had_nothing_are_equal_and_go_as_they_came():
    turns = Turns()
    for viewer in "ab":
        turns.joins(viewer)
    assert turns.rank(["a"]) == turns.rank(["b"]) == turns.rank(["c"])
    turns.charge(["a"], 0.9 * GRAIN_SECONDS)
    assert turns.rank(["a"]) == turns.rank(["b"]), "so little is no difference"


def test_who_has_had_more_goes_later():
    turns = Turns()
    turns.charge(["a"], 5.0)
    turns.charge(["b"], 2.0)
    assert turns.rank(["c"]) < turns.rank(["b"]) < turns.rank(["a"])
    assert turns.rank(["a", "c"]) == turns.rank(["c"]), "of several who wait for the same, the one who has had least"
    assert turns.rank([]) == 0


def test_what_several_watch_costs_each_a_share():
    turns = Turns()
    turns.charge(["a", "b", "c", "d"], 8.0)
    turns.charge(["e"], 2.0)
    assert turns.spent == {"a": 2.0, "b": 2.0, "c": 2.0, "d": 2.0, "e": 2.0}
    turns.charge([], 9.0)
    assert sum(turns.spent.values()) == 10.0


def test_having_been_away_is_no_advantage_over_those_who_are_served():
    turns = Turns()
    turns.charge(["a"], 600.0)
    turns.served(["a"])
    turns.joins("new")
    assert turns.rank(["new"]) == turns.rank(["a"])
    turns.charge(["a"], 3.0)
    assert turns.rank(["new"]) < turns.rank(["a"]), "but from now on they are equal"


def test_who_has_had_more_than_those_who_are_served_does_not_get_it_forgiven():
    turns = Turns()
    turns.charge(["greedy"], 50.0)
    turns.served(["new"])
    turns.joins("greedy")
    assert turns.rank(["greedy"]) > turns.rank(["new"])
    turns.served(["greedy", "new"])
    assert turns.now == 0.0, "the floor is that of the one who has had least"
