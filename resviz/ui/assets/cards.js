// What a card may hold besides a chart, by the key of its data in the template or, for a topic's own, by the name in `own.by`.
// Each is a module that is imported when a figure first needs it.

/** @import {FilledPlots} from "./filled.js" */
/** @import {Theme} from "./theme.js" */

/** @typedef {(changes: Payload.Changes, sliding?: boolean) => void} Choose changes settings; `sliding`: more will follow */
/** @typedef {Payload.Drawn | Payload.Moving | Payload.Maps | Payload.Gallery | Payload.Picture | Payload.Own} Shown */
/** @typedef {{show(data: Shown, theme: Theme): void, hold?(): void, dispose?(): void}} Content what a card holds */
/** @typedef {new (root: HTMLElement, choose: Choose, cards: FilledPlots) => Content} Kind made with the node it fills */

/** @type {Record<string, () => Promise<Kind>>} how each kind is imported */
const importing = {
  net: async () => (await import("./net.js")).NetCard,
  flow: async () => (await import("./flow.js")).Flow,
  maps: async () => (await import("./maps.js")).Maps,
  gallery: async () => (await import("./gallery.js")).Gallery,
  pad: async () => (await import("./pad.js")).Pad,
};
/** @type {Record<string, Kind>} those that are here */
const here = {};

/**
 * Add the modules of a topic, by name; their addresses are relative to the folder of all modules.
 * @param {Record<string, string>} modules
 */
export function addKinds(modules) {
  for (const [name, place] of Object.entries(modules)) {
    importing[name] ??= async () => (await import(new URL(`../../${place}`, import.meta.url).href)).default;
  }
}

/**
 * The kind of what a figure shows besides a chart, and its data; undefined if it shows nothing of the sort.
 * @param {Payload.Figure} template
 * @returns {{kind: string, data: Shown} | undefined}
 */
export function contentOf({ net, flow, maps, gallery, pad, own }) {
  const known = { net, flow, maps, gallery, pad, ...(own ? { [own.by]: own } : {}) };
  for (const [kind, data] of Object.entries(known)) if (data && importing[kind]) return { kind, data };
  return undefined;
}

/**
 * Import the kinds that figures need and that are not here yet.
 * @param {Payload.Figure[]} figures
 */
export async function needed(figures) {
  const kinds = new Set(figures.map((figure) => contentOf(figure)?.kind));
  await Promise.all(
    [...kinds].map(async (kind) => {
      if (kind && !here[kind]) here[kind] = await importing[kind]();
    }),
  );
}

/**
 * The class of a kind that is here.
 * @param {string} kind
 * @returns {Kind | undefined}
 */
export const kindOf = (kind) => here[kind];

/**
 * Whether nothing has to be imported for these figures.
 * @param {Payload.Figure[]} figures
 */
export const areHere = (figures) =>
  figures.every((figure) => {
    const content = contentOf(figure);
    return !content || here[content.kind];
  });
