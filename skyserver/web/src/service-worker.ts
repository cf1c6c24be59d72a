/**
 * Keeps the page for visits without a network. The files of the page are kept when it is first visited, the large ones
 * of the wasm runtime when they are first used, of which there is more than one kind. Models are the engine's to keep.
 */

/** Addresses of the page's files, relative to it; the build fills them in. */
declare const __SITE_FILES__: readonly string[];
declare const self: ServiceWorkerGlobalScope;

const CACHE = "skyserver-page";
const HERE = self.registration.scope;
const START = new URL("./", HERE).href;
const MODELS = new URL("models.json", HERE).href;
const THUMBNAILS = new URL("thumbnails/", HERE).href;
const FILES = __SITE_FILES__.filter((name) => name !== "index.html").map((name) => new URL(name, HERE).href);
const FIRST = FILES.filter((file) => !/\/ort-|\.wasm$/.test(file));

self.addEventListener("install", (event) => event.waitUntil(keepPage()));
self.addEventListener("activate", (event) => event.waitUntil(forgetOldFiles().then(() => self.clients.claim())));
self.addEventListener("fetch", (event) => {
  const { method, mode, url } = event.request;
  if (method !== "GET") return;
  const file = url.replace(/[?#].*$/, "");
  if (mode === "navigate" && file === START) event.respondWith(cacheFirst(START));
  else if (file === MODELS) event.respondWith(networkFirst(MODELS));
  else if (FILES.includes(file) || file.startsWith(THUMBNAILS)) event.respondWith(cacheFirst(file));
});

async function keepPage(): Promise<void> {
  const cache = await caches.open(CACHE);
  const kept = new Set((await cache.keys()).map(({ url }) => url));
  // the start and the models have names without a hash: what is kept of them may be old
  await cache.addAll([START, MODELS, ...FIRST.filter((file) => !kept.has(file))]);
  const models = await cache.match(MODELS);
  if (models !== undefined) await Promise.allSettled(thumbnails(await models.json()).map((file) => cache.add(file)));
}

/** Addresses of all pictures that a catalogue names. */
function thumbnails({ models }: { models: readonly { classes: readonly { thumbnail: string }[] }[] }): string[] {
  return models.flatMap(({ classes }) => classes.map(({ thumbnail }) => new URL(thumbnail, HERE).href));
}

async function forgetOldFiles(): Promise<void> {
  const cache = await caches.open(CACHE);
  const old = (await cache.keys()).filter(({ url }) => {
    return url !== START && url !== MODELS && !url.startsWith(THUMBNAILS) && !FILES.includes(url);
  });
  await Promise.all(old.map((request) => cache.delete(request)));
}

async function cacheFirst(file: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  return (await cache.match(file)) ?? fetchAndKeep(cache, file);
}

async function networkFirst(file: string): Promise<Response> {
  const cache = await caches.open(CACHE);
  try {
    return await fetchAndKeep(cache, file);
  } catch (error) {
    const kept = await cache.match(file);
    if (kept === undefined) throw error;
    return kept;
  }
}

async function fetchAndKeep(cache: Cache, file: string): Promise<Response> {
  const response = await fetch(file);
  // a full store is no reason to keep the file from the page
  if (response.ok) await cache.put(file, response.clone()).catch(() => undefined);
  return response;
}
