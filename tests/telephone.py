"""What must hold on a narrow screen."""


def fits_a_telephone(page):
    """Nothing is wider than 390 pixels: not the page, no card, no setting, no canvas, no button."""
    page.set_viewport_size({"width": 390, "height": 844})
    shown = "main :is([role=region], section[aria-label], label, canvas, button)"
    page.wait_for_function(  # once plotly has drawn its figures anew
        """(shown) => {
          const widths = [document.documentElement.scrollWidth, document.querySelector("main").scrollWidth];
          const boxes = [...document.querySelectorAll(shown)].filter((node) => node.checkVisibility());
          const ends = boxes.map((node) => node.getBoundingClientRect()).flatMap(({ left, right }) => [left, right]);
          return widths.every((width) => width === 390) && boxes.length > 2 && ends.every((x) => x >= 0 && x <= 390);
        }""",
        arg=shown,
        timeout=5_000,
    )
