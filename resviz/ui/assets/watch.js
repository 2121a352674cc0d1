// News from the server over one WebSocket for all panels and runs of a page. A hidden tab closes it; then, and where
// WebSockets are blocked, each subscriber is told to poll instead.

export class Watch {
  static here() {
    return (window.resvizWatch ??= new Watch());
  }

  constructor() {
    this.subjects = new Map(); // by id
    this.number = 0;
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) this.close();
    });
  }

  get usable() {
    return !this.barred && !document.hidden;
  }

  // Subscribe until close() of the returned object is called. `told()` returns the subject and what the subscriber has already;
  // `hear` is called with each message; `asks` is called once when no more will come: the subscriber must then poll.
  listen(subject) {
    const number = ++this.number;
    this.subjects.set(number, subject);
    if (!this.usable) queueMicrotask(() => this.lose(number));
    else if (this.socket?.readyState === WebSocket.OPEN) this.send({ id: number, ...subject.told() });
    else if (!this.socket) this.open();
    return { close: () => this.end(number) };
  }

  open() {
    const socket = (this.socket = new WebSocket(new URL("watch", document.baseURI).href.replace(/^http/, "ws")));
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

  send(message) {
    this.socket.send(JSON.stringify(message));
  }

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
