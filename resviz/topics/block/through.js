// An image on its way through a block: the drawing comes ready, a pulse shows the way, and a click enlarges one channel of what is
// added and of the sum.

import { el } from "../../ui/assets/dom.js";
import { striped } from "../../ui/assets/stripes.js";
import { cutOut, fit, pixelsOf, signOf, tileAt, tileOf } from "./tiles.js";

export default class Through {
  /** @type {Payload.ThroughDrawn | undefined} */
  data;
  channel = 0; // the one enlarged last
  clicked = 0; // the station that was clicked
  /** @type {Map<number, Promise<ImageData>>} the pixels of each station's picture */
  pixels = new Map();
  turn = 0; // of the latest picture to be shown

  /** @param {HTMLElement} root */
  constructor(root) {
    this.stage = el("div", { class: "rv-markup" });
    this.title = el("strong", { "aria-live": "polite" });
    this.row = el("div", { class: "rb-row", onclick: () => this.close() });
    this.there = el("p");
    this.scale = el("p", { class: "rb-key" });
    const closer = el(
      "button",
      { type: "button", class: "rv-button", autofocus: true, onclick: () => this.close() },
      "Close",
    );
    /** @type {HTMLDialogElement} */
    this.dialog = el(
      "dialog",
      { class: "rv-dialog rb-zoom", "aria-label": "One channel, enlarged" },
      el(
        "div",
        { class: "rb-head" },
        this.stepper("‹", "Previous channel", -1),
        this.title,
        this.stepper("›", "Next channel", 1),
        closer,
      ),
      this.row,
      this.there,
      this.scale,
    );
    root.replaceChildren(this.stage, this.dialog);
    this.stage.addEventListener("click", (event) => this.act(event));
    this.stage.addEventListener("keydown", (event) => {
      const station = stationOf(event);
      if (!station || (event.key !== "Enter" && event.key !== " ")) return;
      event.preventDefault();
      this.open(Number(station.dataset.station), this.channel);
    });
    this.stage.addEventListener("pointermove", (event) => this.point(event));
    this.stage.addEventListener("pointerleave", () => this.mark?.setAttribute("width", "0"));
    this.dialog.addEventListener("keydown", (event) => this.key(event));
    this.dialog.addEventListener("click", ({ target }) => {
      if (target === this.dialog) this.close(); // beside it
    });
  }

  /**
   * @param {string} label
   * @param {string} spoken
   * @param {number} by
   */
  stepper(label, spoken, by) {
    return el(
      "button",
      { type: "button", class: "rv-button", "aria-label": spoken, onclick: () => this.step(by) },
      label,
    );
  }

  /** @param {Payload.ThroughDrawn} data */
  show(data) {
    if (data.markup === this.data?.markup) return;
    this.data = data;
    this.pixels.clear();
    this.close();
    const active = document.activeElement;
    const focus = active instanceof SVGElement && this.stage.contains(active) ? active.dataset.station : undefined;
    this.stage.innerHTML = data.markup;
    this.picture(focus)?.focus({ preventScroll: true });
    this.play();
  }

  /**
   * The drawn picture of a station.
   * @param {number | string | undefined} station
   * @returns {SVGElement | null}
   */
  picture(station) {
    return this.stage.querySelector(`[data-station="${station}"]`);
  }

  /** The frame around the channel under the pointer. */
  get mark() {
    return this.stage.querySelector(".rb-tile");
  }

  /** Send the pulse through once. */
  play() {
    const svg = this.stage.querySelector("svg");
    svg?.classList.remove("rb-run");
    svg?.getBoundingClientRect(); // so that the animations begin anew
    svg?.classList.add("rb-run");
  }

  /** @param {MouseEvent} event */
  act(event) {
    if (event.target instanceof Element && event.target.closest(".rb-play")) this.play();
    const at = this.under(event);
    if (at) this.open(at.station, at.channel);
  }

  /**
   * The station and the channel under the pointer.
   * @param {MouseEvent} event
   */
  under(event) {
    const node = stationOf(event);
    const image = node?.querySelector("image");
    if (!node || !image || !this.data) return undefined;
    const station = Number(node.dataset.station);
    const told = this.data.stations[station];
    const box = image.getBoundingClientRect();
    const channel = tileAt(told, told.said.length, box, event.clientX - box.left, event.clientY - box.top);
    return { station, channel, image };
  }

  /** @param {PointerEvent} event */
  point(event) {
    const at = this.under(event);
    if (!at || !this.data) return this.mark?.setAttribute("width", "0");
    const [x, y, width, height] = ["x", "y", "width", "height"].map((name) => Number(at.image.getAttribute(name)));
    const told = this.data.stations[at.station];
    const size = fit(told, told.said.length, { width, height });
    const tile = tileOf(told, at.channel);
    const frame = {
      x: x + size.left + size.by * tile.x,
      y: y + size.top + size.by * tile.y,
      width: size.by * told.width,
      height: size.by * told.height,
    };
    for (const [name, value] of Object.entries(frame)) this.mark?.setAttribute(name, value.toFixed(1));
  }

  /**
   * Enlarge a channel.
   * @param {number} station that was clicked
   * @param {number} channel
   */
  open(station, channel) {
    this.clicked = station;
    this.channel = channel;
    if (!this.dialog.open) this.dialog.showModal();
    this.fill();
  }

  /** How many channels can be enlarged. */
  get count() {
    const { stations, terms } = /** @type {Payload.ThroughDrawn} */ (this.data);
    return Math.max(...[this.clicked, ...terms.map(({ station }) => station)].map((k) => stations[k].said.length));
  }

  /** @param {number} by */
  step(by) {
    this.channel = (this.channel + by + this.count) % this.count;
    this.fill();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    event.stopPropagation(); // these keys mean something else on the page
    this.step(by);
  }

  async fill() {
    const { data, count, channel, clicked } = this;
    if (!data) return;
    this.channel = Math.min(channel, count - 1);
    const turn = ++this.turn;
    const added = data.terms.some(({ station }) => station === clicked);
    const apart = added ? [] : [{ sign: "", station: clicked, marked: false }];
    const nodes = await Promise.all([...apart, ...data.terms].map((term) => this.term(term, this.channel)));
    if (!added) nodes[0].classList.add("rb-apart");
    if (turn !== this.turn) return; // another one has been asked for
    this.title.textContent = `Channel ${this.channel + 1} of ${count}`;
    this.row.replaceChildren(...nodes);
    this.there.textContent = data.there[this.channel] ?? "";
    this.scale.replaceChildren(
      el("span", {}, `−${data.scale}`),
      el("i", { "aria-hidden": "true" }),
      el("span", {}, `+${data.scale}`),
      el(
        "span",
        {},
        "One scale for all. White is 0; striped is below 0. Numbers beyond an end have the colour of that end.",
      ),
    );
  }

  /**
   * A sign, and the picture after it.
   * @param {Payload.TermDrawn} term
   * @param {number} channel
   */
  async term({ sign, station, marked }, channel) {
    const { stations, marked: spots } = /** @type {Payload.ThroughDrawn} */ (this.data);
    const told = stations[station];
    const said = told.said[channel];
    const figure = el("figure", {}, el("figcaption", {}, told.name));
    if (said) {
      const canvas = el("canvas", { role: "img", "aria-label": `${told.name}, channel ${channel + 1}: ${said}` });
      const pixels = cutOut(await this.tile(station, channel), told);
      const picture = striped(canvas, told, pixels, (i) => signOf(pixels[4 * i], pixels[4 * i + 1]) < 0);
      if (marked && spots[channel]) picture.append(spotOn(told, spots[channel]));
      figure.append(picture, ...said.split(", ").map((line) => el("small", {}, line)));
    } else figure.append(el("small", {}, `has only ${told.channels} channels`));
    return el("div", { class: "rb-term" }, el("span", { class: "rb-sign" }, sign), figure);
  }

  /**
   * The pixels of one channel of a station.
   * @param {number} station
   * @param {number} channel
   */
  async tile(station, channel) {
    const told = /** @type {Payload.ThroughDrawn} */ (this.data).stations[station];
    const address = told.picture ?? this.picture(station)?.querySelector("image")?.getAttribute("href") ?? "";
    const sheet = this.pixels.get(station) ?? pixelsOf(address);
    this.pixels.set(station, sheet);
    const { x, y } = tileOf(told, channel);
    return { sheet: await sheet, x, y };
  }

  close() {
    this.dialog.close();
  }

  dispose() {
    this.close();
  }
}

/**
 * The station that an event is about: its node.
 * @param {Event} event
 * @returns {SVGElement | null}
 */
const stationOf = ({ target }) => (target instanceof Element ? target.closest("[data-station]") : null);

/**
 * A frame around one pixel of an enlarged channel.
 * @param {{ width: number, height: number }} size of the channel, in pixels
 * @param {number[]} spot
 */
function spotOn({ width, height }, [row, column]) {
  const share = (/** @type {number} */ n, /** @type {number} */ of) => `${((100 * n) / of).toFixed(3)}%`;
  const [left, top, wide, high] = [share(column, width), share(row, height), share(1, width), share(1, height)];
  return el("i", { class: "rb-spot", style: `left:${left};top:${top};width:${wide};height:${high}` });
}
