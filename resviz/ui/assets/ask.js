// Requests to the server.

/** What changes something on the server is sent as this: another site cannot send the header. */
export const POST = { method: "POST", headers: { "X-Resviz": "1" } };

/** @typedef {Error & {silent?: boolean}} AskError what `ask` throws; `silent` if the server did not answer */

/** A name of this tab for the server, which continues a run while somebody watches it. */
export const newViewer = () => crypto.randomUUID?.() ?? String(Math.random());

/**
 * Send a request that the server answers in JSON. Throws an error with a readable message.
 * @param {string} url
 * @param {unknown} [body] sent as JSON; without it, only asked
 * @param {AbortSignal} [signal]
 * @returns {Promise<any>}
 */
export async function ask(url, body, signal) {
  let answer;
  try {
    answer = await fetch(url, body === undefined ? { signal } : { ...POST, body: JSON.stringify(body), signal });
  } catch (error) {
    if (error instanceof Error && error.name === "AbortError") throw error;
    throw Object.assign(new Error("The server does not answer. Try again in a moment."), { silent: true });
  }
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

/**
 * Send a file that a person has chosen. Throws an error with a readable message.
 * @param {string} url
 * @param {File} file
 * @returns {Promise<any>} what the server made of it
 */
export async function sendFile(url, file) {
  const headers = { ...POST.headers, "X-Name": encodeURIComponent(file.name) };
  let answer;
  try {
    answer = await fetch(url, { method: "POST", headers, body: file });
  } catch {
    throw new Error(`“${file.name}” could not be sent: the server does not answer, or the file cannot be read.`);
  }
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

/**
 * Have the server download a data set or trained weights; calls `told` with the progress. Throws an Error if that fails.
 * @param {string} name
 * @param {(words: string) => void} told
 * @param {AbortSignal} signal
 */
export async function fetchMissing(name, told, signal) {
  const url = `data/${name}`;
  /** @param {number} bytes */
  const mb = (bytes) => (bytes / 1e6).toFixed(1);
  let answer = await fetch(url, POST).catch(() => undefined);
  for (;;) {
    if (!answer?.ok) throw new Error("The server does not answer.");
    /** @type {Payload.DownloadTold} */
    const item = await answer.json();
    if (item.state === "failed") throw new Error(item.message);
    if (item.state === "done") return;
    told(`Downloading: ${mb(item.done)}${item.total ? ` of ${mb(item.total)}` : ""} MB`);
    await new Promise((resolve) => setTimeout(resolve, 500));
    if (signal.aborted) return;
    answer = await fetch(url).catch(() => undefined);
  }
}
