// The link to exactly what is shown, for the clipboard.

const COPIED_MS = 1500;

/**
 * Copy the address of this page with other settings; the button says so for a moment.
 * @param {HTMLElement} button
 * @param {string} query
 * @param {string} says what stands above the link where it must be copied by hand
 */
export async function copyLink(button, query, says) {
  const link = new URL(location.href);
  link.search = query;
  try {
    await navigator.clipboard.writeText(link.href);
  } catch {
    // no clipboard without https: show it, selected, to be copied by hand
    window.prompt(says, link.href);
    return;
  }
  button.textContent = "Copied";
  setTimeout(() => {
    button.textContent = "Link";
  }, COPIED_MS);
}
