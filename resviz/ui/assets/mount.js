// Where Streamlit mounts a component: `live` is a run (View), `still` networks before training (Still).

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".rv-live");
  root.view ??= data.kind === "still" ? new Still(root) : new View(root);
  const view = root.view;
  clearTimeout(view.farewell);
  view.show(data.text, (query) => setTriggerValue("query", query));
  window.resviz = view; // for the console, and for tests
  return () => { view.farewell = setTimeout(() => { view.dispose(); root.view = undefined; }, 0); };
}
