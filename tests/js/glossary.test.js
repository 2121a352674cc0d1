// Where the terms of a glossary stand in a text.

import assert from "node:assert/strict";
import test from "node:test";
import { Glossary } from "../../resviz/ui/assets/glossary.js";

const NAMES = [
  ["normalisation"],
  ["batch normalisation", "BN"],
  ["norm"],
  ["shortcut", "shortcuts"],
  ["He’s initialisation", "He’s"],
  ["MAC", "MACs"],
  ["|R(hλ)|"],
  ["γ"],
];
const GLOSSARY = new Glossary(NAMES.map((forms) => ({ name: forms[0], says: "", source: "", forms })));

/** The terms in a text, and how they are spelt there. */
const found = (text) => GLOSSARY.find(text).map(({ term, at, length }) => [term.name, text.slice(at, at + length)]);

test("the longest form wins, wherever a shorter one begins", () => {
  assert.deepEqual(found("With batch normalisation, then normalisation, a norm."), [
    ["batch normalisation", "batch normalisation"],
    ["normalisation", "normalisation"],
    ["norm", "norm"],
  ]);
});

test("a term is a whole word: not a part of one, nor of a word with a hyphen", () => {
  assert.deepEqual(found("normal, renormalisation, pre-normalisation, norm-like, BN2, a_norm, Normen"), []);
  assert.deepEqual(found("(norm) norm, “norm” norm’s"), Array(4).fill(["norm", "norm"]));
});

test("every form is found, its first letter as a capital, too, the others only as they are written", () => {
  assert.deepEqual(found("Shortcuts: BN, MACs; SHORTCUT, Bn, macs, he’s"), [
    ["shortcut", "Shortcuts"],
    ["batch normalisation", "BN"],
    ["MAC", "MACs"],
  ]);
});

test("an apostrophe may be straight", () => {
  assert.deepEqual(found("under He's, with He’s initialisation"), [
    ["He’s initialisation", "He's"],
    ["He’s initialisation", "He’s initialisation"],
  ]);
});

test("a term may be more signs than letters", () => {
  assert.deepEqual(found("multiplies it by |R(hλ)| = 1.02; the γ"), [
    ["|R(hλ)|", "|R(hλ)|"],
    ["γ", "γ"],
  ]);
});

test("the places are those of the text, also behind signs of two units", () => {
  assert.deepEqual(GLOSSARY.find("𝑥 norm")[0].at, 3);
});
