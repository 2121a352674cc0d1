// The terms of the glossary (resviz/words/glossary.py), and where they stand in a text.

/** @typedef {{ name: string, says: string, source: string, forms: string[] }} Term */

/** @typedef {{ term: Term, at: number, length: number }} Found a term in a text, from character `at` on */

/**
 * Whether a character is a part of a word; an apostrophe is not.
 * @param {string | undefined} character
 */
const inWord = (character) => character !== undefined && /[\p{L}\p{N}_-]/u.test(character);

/** @param {string} text */
const straight = (text) => text.replaceAll("’", "'");

/** Finds terms as whole words; of those that begin at the same place the longest. The first letter may be a capital. */
export class Glossary {
  /** @type {Map<string, [form: string, term: Term][]>} the spellings by their first character, the longest first */
  starts = new Map();

  /** @param {Term[]} terms */
  constructor(terms) {
    for (const term of terms) {
      for (const form of term.forms.map(straight)) {
        for (const first of new Set([form[0], form[0].toUpperCase()]))
          this.starts.set(first, [...(this.starts.get(first) ?? []), [first + form.slice(1), term]]);
      }
    }
    for (const forms of this.starts.values()) forms.sort(([a], [b]) => b.length - a.length);
  }

  /**
   * The terms in a text, in the order in which they stand. One by one, because a regular expression of all of them takes 50 times
   * as long.
   * @param {string} text
   */
  find(text) {
    const plain = straight(text);
    /** @type {Found[]} */
    const found = [];
    for (let at = 0; at < plain.length; at += 1) {
      const forms = this.starts.get(plain[at]);
      if (!forms || inWord(plain[at - 1])) continue;
      const fits = forms.find(([form]) => plain.startsWith(form, at) && !inWord(plain[at + form.length]));
      if (!fits) continue;
      const [{ length }, term] = fits;
      found.push({ term, at, length });
      at += length - 1;
    }
    return found;
  }
}

/** @type {Promise<Glossary | undefined> | undefined} */
let coming;

/** The glossary of the app, fetched once; undefined if it does not come. */
export const glossary = () => {
  coming ??= fetch(new URL("glossary.json", import.meta.url))
    .then(async (answer) => (answer.ok ? new Glossary(await answer.json()) : undefined))
    .catch(() => undefined);
  return coming;
};
