"""Faults of the screen: of addresses, of who waits for what, and of the words of a link."""

from tests.mutants.fault import Fault

ROUTES, SOURCES = "resviz/ui/panel_routes.py", "resviz/ui/sources.py"
HTTP = "resviz/ui/http.py"
ASKING = "resviz/ui/asking.py"
BOARDS = ("tests/ui/test_board_panels.py",)
IN_ROUTES, IN_SOURCES = ("tests/ui/test_panel_routes.py",), ("tests/ui/test_panel_sources.py",)

FAULTS = [
    Fault(
        ROUTES,
        "    asked_by_page(request)\n    _, panel, words = _panel(request)",
        "    _, panel, words = _panel(request)",
        "any page of the web can stop a computation",
        IN_ROUTES,
    ),
    Fault(
        ROUTES,
        'NotHere("This has not been computed here yet: open the page.")',
        'Mistake("This has not been computed here yet: open the page.")',
        "a file that is not there yet has the status of words that cannot be used",
        IN_ROUTES,
    ),
    Fault(
        ASKING,
        '{look.share:.4f}-{bool(look.made)}"',
        '{look.share:.4f}"',
        "a recorded answer and one of this machine have the same version, so that the figures of the second are not sent",
        IN_ROUTES,
    ),
    Fault(
        ROUTES,
        "panel.source.ask(spec, viewer, anew)",
        "panel.source.ask(spec, viewer, False)",
        "a press of the button asks nothing anew",
        IN_ROUTES,
    ),
    Fault(
        SOURCES,
        "        return job.message\n",
        '        return ""\n',
        "why there is no answer is swallowed",
        ("tests/topics/photograph/test_panel.py", "tests/ui/test_panel_sources.py"),
    ),
    Fault(
        SOURCES,
        "if part and (not known or job in answers().left.get(viewer, [])):",
        "if part:",
        "what one viewer has stopped is what others open on",
        IN_SOURCES,
    ),
    Fault(
        ASKING,
        "        wrong += problems\n",
        "        wrong = list(problems)\n",
        "of several changes only the last can be refused",
        IN_ROUTES,
    ),
    Fault(
        "resviz/topics/calculator/question.py",
        "            dropped |= {*STRUCTURE, ",
        "            dropped |= {",
        "another network takes along the settings of the one before",
        ("tests/topics/calculator/test_panel.py",),
    ),
    Fault(
        HTTP,
        "STATUS: tuple[tuple[type[Exception], int], ...] = ((NotHere, 404), (Mistake, 400))",
        "STATUS: tuple[tuple[type[Exception], int], ...] = ((NotHere, 404), (ValueError, 400))",
        "a bug is told to a person as if their link were wrong",
        ("tests/ui/test_http.py", "tests/ui/test_panel_routes.py"),
    ),
    Fault(
        HTTP,
        'log.exception("%s %s", request.method, request.url.path)',
        'log.debug("%s %s", request.method, request.url.path)',
        "a fault of ours leaves no trace",
        ("tests/ui/test_http.py",),
    ),
    Fault(
        HTTP,
        "Route(prefix + r.path, answering",
        "Route(r.path, answering",
        "behind a proxy that passes its path on, our addresses answer Streamlit's page",
        ("tests/ui/test_http.py",),
    ),
    Fault(
        "resviz/ui/routes.py",
        """    if request.method == "POST":
        asked_by_page(request)
        beside, until""",
        """    if request.method:
        beside, until""",
        "an image of another site has a run trained",
        ("tests/ui/test_run_routes.py",),
    ),
    Fault(
        "resviz/runs/pool.py",
        "                if stream and not lease.open:",
        "                if not stream and not lease.open:",
        "a stream that reconnects yields to others for good",
        ("tests/ui/test_run_routes.py",),
    ),
    Fault(
        ROUTES,
        "    if anew or not panel.by_press(spec):",
        "    if anew or panel.by_press(spec):",
        "networks are built before anybody presses",
        (*IN_ROUTES, "tests/topics/calculator/test_measuring.py"),
    ),
    Fault(
        "resviz/ui/panel.py",
        "names = {name for question in self.questions for name in question.words}",
        "names = set(self.questions[0].words)",
        "the settings of the guess before stay",
        ("tests/ui/test_passing.py", "tests/topics/block/test_panel.py"),
    ),
    Fault(
        "resviz/topics/compared/question.py",
        'if k not in ("batch", "epochs", "edits")',
        'if k not in ("epochs", "edits")',
        "the first steps are trained with the batch of a look",
        BOARDS,
    ),
    Fault(
        "resviz/topics/compared/question.py",
        'if k != "depth"',
        'if k == "depths"',
        "the board compares depths, and forgets all other settings",
        (*BOARDS, "tests/runs/test_studyspecs.py"),
    ),
    Fault(
        "resviz/ui/boards.py",
        "if not asking and not over and (known := recorded_study(study)):",
        "if not over and (known := recorded_study(study)):",
        "what is trained here is hidden behind what is recorded",
        BOARDS,
    ),
    Fault(
        "resviz/ui/boards.py",
        "        if self._is_asking(viewer, study):\n",
        "        if True:\n",
        "who only looks has it trained",
        BOARDS,
    ),
    Fault(
        "resviz/ui/boards.py",
        "str((run.loss[-1:], run.test_accuracy, run.stopped))",
        "''",
        "what was trained here does not take the place of what is recorded",
        BOARDS,
    ),
    Fault(
        "resviz/ui/asking.py",
        "and key not in panel.passes}",
        "}",
        "settings that a lesson passes on are called wrong",
        ("tests/topics/block/test_panel.py", *BOARDS),
    ),
    Fault(
        "resviz/ui/asking.py",
        "{**panel.usual, **(settings or panel.opening)}",
        "settings or panel.opening",
        "the Signal page opens with a training's batch",
        ("tests/ui/test_passing.py",),
    ),
    Fault(
        "resviz/ui/passing.py",
        'spec.query() if lesson.takes_on else ""',
        "spec.query()",
        "a lesson that has networks of its own is given those of another",
        ("tests/ui/test_passing.py",),
    ),
    Fault(
        "resviz/latest.py",
        "            return super().__getitem__(key)",
        "            return Cache.__getitem__(self, key)",
        "what is used again goes as if it had not been",
        ("tests/test_latest.py", "tests/topics/photograph/test_panel.py"),
    ),
    Fault(
        "resviz/ui/changes.py",
        "            waiting, self.waiting = self.waiting, set()",
        "            waiting, self.waiting = set(list(self.waiting)[:1]), set()",
        "one of all who wait is woken",
        ("tests/ui/test_changes.py",),
    ),
    Fault(
        "resviz/ui/watch.py",
        "    return origin is None or urlsplit(origin).netloc in names",
        "    return True",
        "a page of another site listens to ours",
        ("tests/ui/test_watch.py",),
    ),
    Fault(
        "resviz/ui/watch.py",
        "                await run_in_threadpool(panel.source.stay, about.spec, viewer)",
        "                await run_in_threadpool(panel.source.ask, about.spec, viewer, False)",
        "to watch a panel has it computed",
        ("tests/ui/test_watch.py",),
    ),
    Fault(
        "resviz/ui/watch.py",
        "            pool.leave(run, viewer, lease)",
        "            pass",
        "one whose tab was closed keeps others waiting",
        ("tests/ui/test_watch.py",),
    ),
    Fault(
        "resviz/ui/server.py",
        "sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)",
        "sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)",
        "the body of every answer waits 40 ms for its head",
        ("tests/ui/test_server.py",),
    ),
]
