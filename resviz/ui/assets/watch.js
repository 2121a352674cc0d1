// News from the server over one WebSocket for all panels and runs of a page. A hidden tab closes it; then, and where
// WebSockets are blocked, each subscriber is told to poll instead.

import { afterAbsence } from "./absence.js";

/**
 * What somebody listens for. `told` gives the subject and what is here already; `hear` is called with each message; `asks` is
 * called once when no more will come: the subscriber must then poll.
 * @template Message
 * @typedef {object} Subject
 * @property {() => object} told
 * @property {(message: Message) => void} hear
 * @property {() => void} asks
 */

/** @typedef {{close(): void}} News ends what `listen` has begun */

export class Watch {
  /** @type {Map<number, Subject<any>>} by the number under which the server sends their messages */
  subjects = new Map();
  number = 0; // of the last one
  /** @type {WebSocket | undefined} */
  socket;
  works = false; // it has opened before
  barred = false; // it cannot be opened

  /** The one of this page. */
  static here() {
    window.resvizWatch ??= new Watch();
    return window.resvizWatch;
  }

  constructor() {
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.close();
    });
    // After a sleep the connection may be dead without anybody having been told.
    afterAbsence(new AbortController().signal, () => this.close());
  }

  get usable() {
    return !this.barred && !document.hidden;
  }

  /**
   * Subscribe until close() of the returned object is called.
   * @template {Payload.State | Payload.RunState} Message
   * @param {Subject<Message>} subject
   * @returns {News}
   */
  listen(subject) {
    this.number += 1;
    const { number } = this;
    this.subjects.set(number, subject);
    if (!this.usable) queueMicrotask(() => this.lose(number));
    else if (this.socket?.readyState === WebSocket.OPEN) this.send({ id: number, ...subject.told() });
    else if (!this.socket) this.open();
    return { close: () => this.end(number) };
  }

  open() {
    const socket = new WebSocket(new URL("watch", document.baseURI).href.replace(/^http/, "ws"));
    this.socket = socket;
    socket.onopen = () => {
      this.works = true;
      for (const [id, subject] of this.subjects) this.send({ id, ...subject.told() });
    };
    socket.onmessage = ({ data }) => {
      const { id, news } = JSON.parse(data);
      if (news) this.subjects.get(id)?.hear(news);
      else this.lose(id);
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.barred = !this.works; // if it never opened, do not try again; if it did, a later try may work
      this.close();
    };
  }

  /** @param {object} message */
  send(message) {
    this.socket?.send(JSON.stringify(message));
  }

  /** @param {number} number */
  end(number) {
    if (this.subjects.delete(number) && this.socket?.readyState === WebSocket.OPEN) this.send({ id: number });
  }

  /**
   * Tell a subscriber that no more will come.
   * @param {number} number
   */
  lose(number) {
    const subject = this.subjects.get(number);
    this.subjects.delete(number);
    subject?.asks();
  }

  close() {
    const { socket } = this;
    this.socket = undefined;
    socket?.close();
    for (const number of [...this.subjects.keys()]) this.lose(number);
  }
}
