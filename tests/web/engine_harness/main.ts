/** The engine for tests/web/test_web_engine.py: on `window`, with JSON in and base64 out. */

import { fetchCatalogue } from "../../../skyserver/web/src/engine/catalogue";
import { Engine, settingsFrom } from "../../../skyserver/web/src/engine/client";
import { Network } from "../../../skyserver/web/src/engine/network";
import {
  DEFAULTS,
  EngineError,
  type Catalogue,
  type ExportOptions,
  type ModelEntry,
  type Progress,
  type Sky,
  type SkyRequest,
} from "../../../skyserver/web/src/engine/protocol";
import { skyLatents } from "../../../skyserver/web/src/sky/latents";

/** A request as JSON has it: the seed as a string, defaults left out. */
type Wish = Partial<Omit<SkyRequest, "seed">> & { cloud: string; seed: string };

const here = new URL(".", location.href).href;
let model: ModelEntry;
let engine: Engine;
const skies: Sky[] = [];

const harness = {
  /** Starts an engine; `query` is the page's, `name` a model's, `server` draws in place of the site. */
  start(query: string, name: string, server: string | null = null) {
    return settled(async () => {
      const found = await fetchCatalogue(here);
      const catalogue: Catalogue = { ...found, server: server !== null };
      model = catalogue.models.find((entry) => entry.name === name)!;
      engine = new Engine(settingsFrom(new URLSearchParams(query), server ?? here, catalogue));
    });
  },

  /** Latents of a sky and the first picture that they are drawn to. */
  async firstPicture(wish: Wish, threads: number) {
    const request = toRequest(wish);
    const file = await fetch(`${here}models/${model.digest}.onnx`);
    const network = await Network.open(new Uint8Array(await file.arrayBuffer()), model, "wasm", threads);
    const latents = skyLatents(request.seed, model.layers, model.z_dim, request.pictures);
    const weights = Float32Array.from(model.classes, ({ code }) => Number(code === request.cloud));
    const { data } = await network.draw(latents[0]!, weights, request.psi);
    return { threads: network.threads, latents: await base64(latents), picture: await base64([data]) };
  },

  /** Draws a sky; `cancelAt` is the stage at whose beginning it is cancelled. */
  draw(wish: Wish, cancelAt: string | null = null) {
    const progress: Progress[] = [];
    const controller = new AbortController();
    const onProgress = (step: Progress) => {
      progress.push(step);
      if (step.stage === cancelAt) controller.abort();
    };
    return settled(async () => {
      const start = performance.now();
      const sky = await engine.draw(model, toRequest(wish), { signal: controller.signal, onProgress });
      const waited = (performance.now() - start) / 1000; // in seconds, until the sky was there
      skies.push(sky);
      const { width, height, preview, drawnBy, threads, seconds, notes } = sky;
      const facts = { width, height, drawnBy, threads, seconds, notes, waited, progress };
      return { ...facts, pixels: await base64([pixels(preview)]) };
    });
  },

  /** A file of a sky, given by its place among those drawn; -1 is the last. */
  export(which: number, options: ExportOptions) {
    const progress: Progress[] = [];
    return settled(async () => {
      const { name, blob } = await engine.export(skies.at(which)!, options, { onProgress: (step) => progress.push(step) });
      return { name, type: blob.type, data: await base64([blob]), progress };
    });
  },
};

function toRequest({ seed, ...rest }: Wish): SkyRequest {
  return { ...DEFAULTS, ...rest, seed: BigInt(seed) };
}

/** What comes of it, or what an `EngineError` says. */
async function settled<Result>(work: () => Promise<Result>): Promise<Result | { kind: string; message: string }> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { kind: error.kind, message: error.message };
  }
}

async function base64(parts: BlobPart[]): Promise<string> {
  const reader = new FileReader();
  reader.readAsDataURL(new Blob(parts));
  await new Promise((resolve) => (reader.onload = resolve));
  return String(reader.result).replace(/^.*,/, "");
}

/** Rows of red, green, blue, alpha. */
function pixels(bitmap: ImageBitmap): Uint8ClampedArray<ArrayBuffer> {
  const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d")!;
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height).data;
}

Object.assign(window, { harness });
