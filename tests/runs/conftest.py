"""The process from which all made-up workers of these tests are forked: they then start at once."""

import pytest

from resviz.runs import answers
from resviz.runs.scheduler import Scheduler
from tests.forked import Forks
from tests.runs import parts, trainers


@pytest.fixture(scope="session")
def forks():
    forks = Forks("tests.paced", "resviz.runs.worker", "tests.runs.madeup")
    yield forks
    forks.close()


@pytest.fixture
def trainer(tmp_path, forks):
    """The office of one made-up worker."""
    office = trainers.Office(tmp_path, forks)
    office.scheduler.start()
    yield office
    office.scheduler.close()


@pytest.fixture
def scheduler(trainer) -> Scheduler:
    return trainer.scheduler


@pytest.fixture
def office(tmp_path, forks, monkeypatch):
    """A pool with a process for clicks, and one for panels."""
    monkeypatch.setattr(answers, "Answer", parts.Noting)
    office = parts.Office(tmp_path, forks)
    yield office
    office.close()
