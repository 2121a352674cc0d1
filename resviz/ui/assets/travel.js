// Links from page to page that do not load the app anew.

/**
 * Open the page of a link that was clicked: change the address and fire popstate, as Back does.
 * @param {MouseEvent} event
 */
export function travel(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return; // opens a new tab
  const link = /** @type {HTMLAnchorElement} */ (event.currentTarget);
  event.preventDefault();
  const address = new URL(link.href);
  if (new URLSearchParams(location.search).has("lecture")) address.searchParams.set("lecture", "1");
  history.pushState(null, "", address);
  window.dispatchEvent(new PopStateEvent("popstate"));
  document.querySelector(".stMain")?.scrollTo(0, 0);
}

/**
 * The address of a page with the settings of this one.
 * @param {string} page
 */
export function withSettings(page) {
  const words = new URLSearchParams(location.search);
  words.delete("view");
  return words.size ? `${page}?${words}` : page;
}
