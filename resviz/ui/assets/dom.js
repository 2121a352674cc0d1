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

// Streamlit drops longer queries before the page can read them, so what cannot be used is said here.
function unreadableLink() {
  if (location.search.length <= LONGEST_QUERY) return "";
  const [key, value] = [...new URLSearchParams(location.search)].sort((a, b) => b[1].length - a[1].length)[0];
  const count = (n) => n.toLocaleString("en");
  return `${key.slice(0, 40)}=${value.slice(0, 40)}… (${count(value.length)} characters): a link can hold ${count(LONGEST_QUERY)} characters `
    + "in all, so none of its settings could be read. This is the default experiment.";
}

function toRgb(color) { // "color(srgb r g b / a)", as color-mix computes to, in plotly's words
  const m = color.match(/^color\(srgb ([\d.e-]+) ([\d.e-]+) ([\d.e-]+)(?: \/ ([\d.e-]+))?\)$/);
  return m ? `rgba(${m.slice(1, 4).map((c) => Math.round(255 * c)).join(",")},${m[4] ?? 1})` : color;
}
