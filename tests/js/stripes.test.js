// Stripes over what is below 0, in any colours.

import assert from "node:assert/strict";
import { test } from "node:test";
import { inkBelow } from "../../resviz/ui/assets/stripes.js";

test("what is below 0 is striped and nothing else, darker on light, less so near white, and lighter on dark", () => {
  const greens = [0xf0, 0xc0, 0x00, 0x44];
  const pixels = Uint8ClampedArray.from(greens.flatMap((green) => [green, green, green, 255]));
  const ink = inkBelow(pixels, (i) => i < 3) ?? pixels;
  assert.deepEqual(
    [0, 1, 2, 3].map((i) => ink[4 * i + 3]),
    [255, 255, 255, 0],
  );
  const [pale, light, dark] = [0, 1, 2].map((i) => ink[4 * i + 1] / 255 - greens[i] / 255);
  assert.ok(light < pale && pale < -0.1 && light < -0.3 && dark > 0.4);
  assert.equal(
    inkBelow(pixels, () => false),
    undefined,
  );
});
