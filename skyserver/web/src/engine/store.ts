/** Model files: from the browser's cache or from the site, never unchecked. */

import type { Job } from "./job";
import { EngineError, type Catalogue, type ModelEntry } from "./protocol";
import { fetchFromSite, offline } from "./site";

type Bytes = Uint8Array<ArrayBuffer>;

const CACHE = "skyserver-models";
const NOT_KEPT = "The browser has no room to keep the model, so it is downloaded again at the next visit.";

export interface ModelFile {
  readonly data: Bytes;
  /** Sentences for the user, as in `Sky.notes`. */
  readonly notes: readonly string[];
}

/** The model's file, whose SHA-256 is its digest. */
export async function readModel(model: ModelEntry, base: string, catalogue: Catalogue, job: Job): Promise<ModelFile> {
  const url = modelUrl(base, model);
  const cache = await openCache();
  const kept = await readKept(cache, url);
  if (kept !== undefined && (await isIntact(kept, model))) return { data: kept, notes: [] };
  const data = await download(url, model, job);
  if (!(await isIntact(data, model))) throw damaged();
  const known = catalogue.models.map((entry) => modelUrl(base, entry));
  return { data, notes: (await keep(cache, url, data, known)) ? [] : [NOT_KEPT] };
}

function modelUrl(base: string, model: ModelEntry): string {
  return `${base}models/${model.digest}.onnx`;
}

/** Absent where the browser keeps nothing, as in some private windows. */
async function openCache(): Promise<Cache | undefined> {
  try {
    return await caches.open(CACHE);
  } catch {
    return undefined;
  }
}

async function readKept(cache: Cache | undefined, url: string): Promise<Bytes | undefined> {
  try {
    const response = await cache?.match(url);
    return response && new Uint8Array(await response.arrayBuffer());
  } catch {
    return undefined;
  }
}

/** Whether the file is in the cache now, and nothing else but `known` files. */
async function keep(cache: Cache | undefined, url: string, data: Bytes, known: readonly string[]): Promise<boolean> {
  if (cache === undefined) return false;
  try {
    const old = (await cache.keys()).filter((request) => !known.includes(request.url));
    await Promise.all(old.map((request) => cache.delete(request)));
    await cache.put(url, new Response(data, { headers: { "content-type": "application/octet-stream" } }));
    return true;
  } catch {
    return false; // storage is full
  }
}

async function download(url: string, model: ModelEntry, job: Job): Promise<Bytes> {
  // not from the HTTP cache nor into it: a damaged copy would stay there, and a whole one is kept by `keep`
  const { body } = await fetchFromSite(url, { signal: job.signal, cache: "no-store" });
  if (body === null) throw damaged();
  const data = new Uint8Array(model.bytes);
  let received = 0;
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((error: unknown) => {
      job.signal.throwIfAborted();
      throw offline(error);
    });
    if (done) break;
    if (received + value.length > data.length) throw damaged();
    data.set(value, received);
    received += value.length;
    job.report({ stage: "download", done: received / data.length, bytes: { received, total: data.length } });
  }
  return data; // if the site sent too little, its digest says so
}

async function isIntact(data: Bytes, model: ModelEntry): Promise<boolean> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("") === model.digest;
}

function damaged(): EngineError {
  const message = "The model did not arrive as it was published, so it was not used. Try again, or reload the page.";
  return new EngineError("model-damaged", message);
}
