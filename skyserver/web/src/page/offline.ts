/** The service worker, which keeps the page for visits without a network. */

const PATIENCE = 3000; // milliseconds

/**
 * Resolves when the service worker sees what the page loads, so that it can keep that; or when that takes too long or
 * cannot be, and then the page is kept at a later visit. Never rejects.
 */
export function prepareOffline(base: string): Promise<void> {
  const { serviceWorker } = navigator as { serviceWorker?: ServiceWorkerContainer }; // in secure contexts only
  if (serviceWorker === undefined) return Promise.resolve();
  return new Promise((resolve) => {
    serviceWorker.addEventListener("controllerchange", () => resolve(), { once: true });
    serviceWorker.register(new URL("service-worker.js", base)).catch(() => resolve());
    if (serviceWorker.controller !== null) resolve();
    setTimeout(resolve, PATIENCE);
  });
}
