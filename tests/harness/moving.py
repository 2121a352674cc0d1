"""Points that move on canvases: where they are in time and on the screen, and pages whose time the test lets go on."""

from tests.harness.asking import shows, told

JUMPS_FROM = 0.7  # of a block: until then points without a shortcut stay where they are
# The colours of some places of a canvas: red, green, blue and how opaque, each up to 255.
COLOURS = """(canvas, places) => {
  const pen = canvas.getContext("2d"), side = canvas.width;
  return places.map(([x, y]) => [...pen.getImageData(Math.floor(x * side), Math.floor(y * side), 1, 1).data]);
}"""
ALL = "canvases => canvases.map((canvas) => canvas.toDataURL())"


def opened(site, stage, place, fixture, kind, words="", **options):
    """A page whose time stands still until the test lets it go on."""
    site.use(fixture)
    page = stage.new_page(alone=True, motion=True, **options)
    page.clock.install(time=0)
    page.clock.pause_at(1)
    page.goto(f"{site.url}/{place}")
    shows(page, told(site, kind, words), still=True)
    return page


def canvases(page):
    return page.locator("figure canvas")


def reached(page, name="Block that the points have reached"):
    return page.get_by_role("slider", name=name)


def at(page, **name):
    return float(reached(page, **name).input_value())


def plays(page, **name):
    """Until it moves; before that the browser has to see that it can be seen."""
    begun = at(page, **name)
    for _ in range(200):
        page.clock.run_for(20)
        if at(page, **name) != begun:
            return
        page.evaluate("0")
    raise AssertionError("nothing moves")


def pause(page):
    page.get_by_role("button", name="Pause").click()


def lead(page, place, **name):
    """Put the slider there, which stops what moves."""
    reached(page, **name).fill(str(place))


def rgb(text):
    return [int(text[i : i + 2], 16) for i in (1, 3, 5)]


def distance(a, b):
    return sum(abs(x - y) for x, y in zip(a, b, strict=False))


def placed(data, x, y):
    """Where a point is on the picture, as shares of its side from the left and from above."""
    left, right, bottom, top = data["box"]
    return (x - left) / (right - left), 1 - (y - bottom) / (top - bottom)
