// Where Streamlit mounts a component: a run as it happens (Timeline), or a panel.

export default function ({ data, parentElement }) {
  const root = parentElement.querySelector(".rv-live"), page = JSON.parse(data);
  root.view ??= page.timeline ? new Timeline(root) : new Panel(root);
  const view = root.view;
  clearTimeout(view.farewell);
  view.show(page);
  if (!page.beside && !page.alone) window.resviz = view; // for the console, for tests and for benchmarks
  return () => { view.farewell = setTimeout(() => { view.dispose(); root.view = undefined; }, 0); };
}
