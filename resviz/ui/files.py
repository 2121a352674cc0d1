"""Something to take away as a file."""

from __future__ import annotations

import streamlit as st

# st.download_button keeps its file on the server, where it belongs to no session while a page runs again: another session
# that ends just then throws it away, and the press does nothing. This one is made in the browser.
_link = st.components.v2.component(
    "resviz_file",
    html='<a class="rv-file"></a>',
    css=".rv-file { color: var(--st-link-color); }",
    js="""export default ({ data, parentElement }) => {
  const link = parentElement.querySelector("a"), href = URL.createObjectURL(new Blob([data.text], { type: data.type }));
  Object.assign(link, { href, download: data.name, textContent: data.label });
  return () => setTimeout(() => URL.revokeObjectURL(href), 60_000); // a press just before is still to be served
};""",
)


def file_link(label: str, text: str, name: str, media_type: str = "text/csv") -> None:
    """A link that saves `text` under this name."""
    _link(key=name, data={"label": label, "text": text, "name": name, "type": media_type})
