"""A command as a person gives it, in this process."""

import json

import pytest

from resviz.cli import main


def told(capsys, *words):
    assert main([*words, "--json"]) == 0
    out, err = capsys.readouterr()
    assert err == "" and len(out.splitlines()) == 1
    return json.loads(out, parse_constant=pytest.fail)


def said(capsys, *words):
    assert main(list(words)) == 0
    out, err = capsys.readouterr()
    assert err == "" and out.endswith("\n")
    return out[:-1]
