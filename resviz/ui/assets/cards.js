// What a card may hold besides a chart, by the key of its data in the template or, for a topic's own, by the name in `own.by`.
// Each is made with the card's box, `choose` (changes settings) and the FilledPlots; `show` takes the data.

import { Gallery, Maps, Pad } from "./maps.js";
import { NetCard } from "./net.js";

export const CARDS = { net: NetCard, maps: Maps, gallery: Gallery, pad: Pad };

// Import the modules that topics add, by name; their addresses are relative to the folder of all modules.
export async function addCards(modules) {
  const wanted = Object.entries(modules).filter(([name]) => !CARDS[name]);
  const found = await Promise.all(wanted.map(([, place]) => import(new URL(`../../${place}`, import.meta.url).href)));
  wanted.forEach(([name], i) => {
    CARDS[name] = found[i].default;
  });
}
