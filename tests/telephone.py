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


def touched(page):
    """Have the page be told that fingers press it, as on a telephone."""
    page.context.new_cdp_session(page).send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    page.wait_for_function("matchMedia('(pointer: coarse)').matches")


FINGER = 36  # px: least height and width of what is pressed, but for links in a line of text (24 in WCAG 2.2, 2.5.8)
WORDS = 12.9  # px: least size of words; an index or a power may be smaller


def too_small(page):
    """What is too small to be pressed by a finger, or to be read, with its size."""
    return page.evaluate(
        """([finger, words]) => {
          const seen = (node) => node.checkVisibility({ visibilityProperty: true }) && node.getBoundingClientRect().width > 2;
          const pressed = [...document.querySelectorAll(
            "main :is(button, a[href], input:not([type=file]), select, summary), header button")];
          const inText = (node) => node.tagName === "A" && node.parentElement.innerText.trim() !== node.innerText.trim()
            && !node.closest(".rv-onward, .rv-links, nav");
          const small = pressed.filter((node) => seen(node) && !inText(node)).map((node) => {
            const boxes = [node, ...(node.closest("label") ? [node.closest("label")] : [])].map((n) => n.getBoundingClientRect());
            const [width, height] = ["width", "height"].map((side) => Math.max(...boxes.map((box) => box[side])));
            const name = node.innerText || node.getAttribute("aria-label") || node.outerHTML.slice(0, 80);
            return [Math.min(width, height), name];
          }).filter(([size]) => size < finger - 0.5);
          const walk = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
          while (walk.nextNode()) {
            const { data, parentElement: node } = walk.currentNode;
            if (!data.trim() || !seen(node) || node.closest("tspan, sub, sup, .katex, option, style")) continue;
            const matrix = node.closest("svg") && node.getScreenCTM?.();
            const size = parseFloat(getComputedStyle(node).fontSize) * (matrix ? Math.hypot(matrix.a, matrix.b) : 1);
            if (size < words) small.push([size, data.trim()]);
          }
          return small;
        }""",
        [FINGER, WORDS],
    )
