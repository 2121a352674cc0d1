// Colours of words in figures: legible on the page, on light and on dark, and as they are where that is enough.

import assert from "node:assert/strict";
import test from "node:test";
import { themed } from "../../resviz/ui/assets/theme.js";

const LIGHT = { "--st-text-color": "rgb(28, 31, 36)", "--st-background-color": "rgb(255, 255, 255)" };
const DARK = { "--st-text-color": "rgb(240, 240, 240)", "--st-background-color": "rgb(24, 24, 22)" };
const ink = (color, theme, key = "font") => themed({ [key]: { color, size: 13 } }, theme)[key];

test("words that are legible in their colour keep it", () => {
  assert.deepEqual(ink("#0072B2", LIGHT), { color: "#0072B2", size: 13 }); // 5.2:1
  assert.equal(ink("#E69F00", DARK).color, "#E69F00");
});

test("words that are not take of the page's ink, no more than they need", () => {
  assert.equal(ink("#D55E00", LIGHT).color, "rgb(185,85,5)"); // 3.9:1 by itself, 4.45:1 with a tenth of the ink
  assert.equal(ink("#0072B2", DARK, "textfont").color, "rgb(48,139,190)"); // 3.4:1 by itself
});

test("lines and markers keep their colour, and so do words where the theme is unknown", () => {
  assert.deepEqual(themed({ line: { color: "#D55E00" } }, LIGHT), { line: { color: "#D55E00" } });
  assert.equal(ink("#D55E00", {}).color, "#D55E00");
  assert.equal(ink("rgba(0,0,0,0.5)", LIGHT).color, "rgba(0,0,0,0.5)");
});
