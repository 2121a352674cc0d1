"""The systems that are learnt against closed forms, and the states drawn from them."""

import math

import numpy as np
import pytest
import torch
from scipy.special import ellipj, ellipk

from resviz.topics.rollout.experiment import SYSTEMS, states, trajectories
from resviz.topics.rollout.question import SHOWN, TURN


def test_the_pendulum_against_jacobis_elliptic_functions():
    """From rest at angle a: sin(θ/2) = k cd(t), k = sin(a/2), one turn in 4 K(k)."""
    for a in (0.1, 1.0, 2.0):
        k = math.sin(a / 2)
        times = np.linspace(0, 30, 31)
        found = trajectories(SYSTEMS["pendulum"], np.array([[a, 0.0]]), times)[:, 0, 0]
        _, cn, dn, _ = ellipj(times, k**2)
        assert np.abs(found - 2 * np.arcsin(k * cn / dn)).max() < 1e-7
    assert 8 < 4 * ellipk(math.sin(1) ** 2) < TURN


def test_small_circles_of_prey_and_hunters():
    """At (1, 1) nothing changes; close to it the motion is a rotation, of period 2π."""
    system = SYSTEMS["lotka_volterra"]
    assert system.field(np.array([1.0, 1.0])).tolist() == [0, 0]
    h, t = 1e-4, 1.3
    (found,) = trajectories(system, np.array([[1 + h, 1.0]]), np.array([t]))
    assert (found[0] - 1) / h == pytest.approx([math.cos(t), math.sin(t)], abs=3e-4)


@pytest.mark.parametrize("name", SYSTEMS)
def test_what_is_kept_is_kept_and_the_region_never_left(name):
    system, (left, right, bottom, top) = SYSTEMS[name], SHOWN[name].box
    starts = states(name, 50, torch.Generator().manual_seed(0))
    assert starts.shape == (50, 2)
    paths = trajectories(system, starts, np.linspace(0, 100, 60))
    kept = system.kept(paths)
    assert np.abs(kept - kept[0]).max() < 1e-7
    assert kept[0].max() <= system.most and system.least < kept.min()
    assert left <= paths[..., 0].min() and paths[..., 0].max() <= right
    assert bottom <= paths[..., 1].min() and paths[..., 1].max() <= top
    rest = {"pendulum": [0.0, 0.0], "lotka_volterra": [1.0, 1.0]}[name]
    assert system.kept(np.array(rest)) == system.least


@pytest.mark.parametrize("name", SYSTEMS)
def test_an_orbit_comes_round_within_a_turn(name):
    """The slowest is the outermost: it is back where it was."""
    system = SYSTEMS[name]
    outermost = {"pendulum": [2.0, 0.0], "lotka_volterra": [SHOWN[name].box[0] + 6e-4, 1.0]}[name]
    start = np.array([outermost])
    path = trajectories(system, start, np.linspace(0, TURN, 2001))[:, 0]
    away = np.linalg.norm(path - start, axis=1)
    assert away[300:].min() < 0.02 < 0.5 < away.max()


def test_fewer_animals_than_none_keep_nothing():
    kept = SYSTEMS["lotka_volterra"].kept(np.array([[1.0, 1.0], [0.0, 1.0], [1.0, -2.0], [np.nan, 1.0]]))
    assert kept[0] == 2 and np.isnan(kept[1:]).all()


def test_states_are_spread_evenly():
    """The mean of the energy over a region, from the states drawn and from a grid over the same region."""
    found = states("pendulum", 20_000, torch.Generator().manual_seed(1))
    system = SYSTEMS["pendulum"]
    grid = np.stack(np.meshgrid(np.linspace(-2, 2, 801), np.linspace(-1.7, 1.7, 801)), axis=-1).reshape(-1, 2)
    energies = system.kept(grid)
    assert system.kept(found).mean() == pytest.approx(energies[energies <= system.most].mean(), abs=0.01)
