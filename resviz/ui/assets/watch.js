// What a page hears of by itself: one WebSocket, for all its panels and runs. A tab that nobody sees gives it back; then, and
// where sockets do not come through, whoever listens is told to ask.

class Watch {
  static here() { return (window.resvizWatch ??= new Watch()); }

  constructor() {
    this.subjects = new Map(); // by number
    this.number = 0;
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.close(); });
  }

  get usable() { return !this.barred && !document.hidden; }

  // Hear of something until close() of what this gives. `told()` says of what, and what is there already; `hear` gets each piece of
  // news; `asks` is called, once, when no more will come: then it is for who listens to ask.
  listen(subject) {
    const number = ++this.number;
    this.subjects.set(number, subject);
    if (!this.usable) queueMicrotask(() => this.lose(number));
    else if (this.socket?.readyState === WebSocket.OPEN) this.send({ id: number, ...subject.told() });
    else if (!this.socket) this.open();
    return { close: () => this.end(number) };
  }

  open() {
    const socket = this.socket = new WebSocket(new URL("watch", document.baseURI).href.replace(/^http/, "ws"));
    socket.onopen = () => {
      this.works = true;
      for (const [id, subject] of this.subjects) this.send({ id, ...subject.told() });
    };
    socket.onmessage = ({ data }) => {
      const { id, news } = JSON.parse(data);
      if (news) this.subjects.get(id)?.hear(news); else this.lose(id);
    };
    socket.onclose = () => {
      if (this.socket !== socket) return;
      this.barred = !this.works; // one that never came through will not; one that did is worth another try
      this.close();
    };
  }

  send(message) { this.socket.send(JSON.stringify(message)); }

  end(number) {
    if (this.subjects.delete(number) && this.socket?.readyState === WebSocket.OPEN) this.send({ id: number });
  }

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
