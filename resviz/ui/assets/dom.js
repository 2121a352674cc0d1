// What the live view needs of the page around it.

const LONGEST_QUERY = 524288;

let plotly;
function loadPlotly(url) {
  plotly ??= new Promise((resolve, reject) => {
    if (window.Plotly) return resolve(window.Plotly);
    const script = document.createElement("script");
    script.src = url;
    script.onload = () => resolve(window.Plotly);
    script.onerror = () => { plotly = undefined; reject(new Error(url)); };
    document.head.append(script);
  });
  return plotly;
}

// Have it used when it is there. Where it does not come that is said above everything else, and stays: whatever is answered
// afterwards, nothing is drawn.
function withPlotly(url, root, use) {
  loadPlotly(url).then((lib) => { root.querySelector(":scope > .rv-undrawn")?.remove(); use(lib); }, () => {
    if (root.querySelector(":scope > .rv-undrawn")) return;
    root.prepend(el("p", { class: "rv-status rv-trouble rv-undrawn", role: "alert" }, "The drawing library did not load. Reload the page."));
  });
}

function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

// Names this tab to the server: a run goes on for those who watch it.
const newViewer = () => crypto.randomUUID?.() ?? String(Math.random());

// Text in which **this** stands out, as nodes.
const rich = (text) => text.split("**").map((part, i) => (i % 2 ? el("b", {}, part) : part)).filter((part) => part !== "");

// Paragraphs as the server writes them, with an empty line between two.
const paragraphs = (text) => text.split("\n\n").filter(Boolean).map((p) => el("p", {}, ...rich(p)));

// Ctrl Z is "undo", with Shift "redo", any other key undefined.
const undoKey = (event) => ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" ? (event.shiftKey ? "redo" : "undo") : undefined);

// What a view has gone on from by itself. A rerun of the page that began before it was told still brings that, for a moment.
class Left {
  constructor(signal) { window.addEventListener("popstate", () => this.forget(), { signal }); } // Back is meant

  go(name) { Object.assign(this, { name, until: performance.now() + 1500 }); }

  has(name) { return this.name === name && performance.now() < this.until; }

  forget() { this.name = undefined; }
}

// Streamlit drops longer queries before the page can read them, so what cannot be used is said here.
function unreadableLink() {
  if (location.search.length <= LONGEST_QUERY) return "";
  const [key, value] = [...new URLSearchParams(location.search)].sort((a, b) => b[1].length - a[1].length)[0];
  const count = (n) => n.toLocaleString("en");
  return `${key.slice(0, 40)}=${value.slice(0, 40)}… (${count(value.length)} characters): a link can hold ${count(LONGEST_QUERY)} characters `
    + "in all, so none of its settings could be read. This is the default experiment.";
}

// Have a data set or trained weights fetched, at a person's word; `told` hears how far it is. Throws what went wrong.
async function fetchMissing(name, told, signal) {
  const url = `data/${name}`, mb = (bytes) => (bytes / 1e6).toFixed(1);
  let answer = await fetch(url, { method: "POST", headers: { "X-Resviz": "1" } }).catch(() => undefined);
  for (;;) {
    const item = answer?.ok ? await answer.json() : { state: "failed", message: "The server does not answer." };
    if (item.state === "failed") throw new Error(item.message);
    if (item.state === "done") return;
    told(`Downloading: ${mb(item.done)}${item.total ? ` of ${mb(item.total)}` : ""} MB`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    if (signal.aborted) return;
    answer = await fetch(url).catch(() => undefined);
  }
}

function toRgb(color) { // "color(srgb r g b / a)", as color-mix computes to, in plotly's words
  const m = color.match(/^color\(srgb ([\d.e-]+) ([\d.e-]+) ([\d.e-]+)(?: \/ ([\d.e-]+))?\)$/);
  return m ? `rgba(${m.slice(1, 4).map((c) => Math.round(255 * c)).join(",")},${m[4] ?? 1})` : color;
}
