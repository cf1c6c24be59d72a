/** Asking the page's own site for a file. */

import { EngineError } from "./protocol";

/** Answer 200 of the site. Everything else is an `EngineError`, but for what a signal says. */
export async function fetchFromSite(url: string, options: RequestInit = {}): Promise<Response> {
  const response = await fetch(url, options).catch((error: unknown) => {
    options.signal?.throwIfAborted();
    throw offline(error);
  });
  if (response.status === 404 || response.status === 410) {
    throw new EngineError("model-missing", "The site has moved on since this page was opened. Reload the page.");
  }
  if (!response.ok) {
    throw new EngineError("offline", `The site answered with an error (${response.status}). Try again later.`);
  }
  return response;
}

/** The site does not answer, or stopped in the middle of it. */
export function offline(cause: unknown): EngineError {
  const message = "The site does not answer. Check the connection, then try again.";
  return new EngineError("offline", message, { cause });
}
