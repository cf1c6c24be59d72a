/** The token for the page's server. It is kept for the visit: in this tab, and in no address. */

const KEY = "skyserver-token";

/** Empty where there is none. */
export function keptToken(): string {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return ""; // this browser keeps nothing
  }
}

export function keepToken(token: string): void {
  try {
    sessionStorage.setItem(KEY, token);
  } catch {
    // it is asked for again when the page is loaded again
  }
}
