/** Skies drawn on this computer, the latest of them kept in full precision. */

import type { Image } from "../sky/image";
import { drawPanorama } from "./draw";
import { makeFile, toImageData } from "./export";
import type { Job } from "./job";
import { Network, type LocalBackend } from "./network";
import {
  EngineError,
  type ExportedFile,
  type ExportOptions,
  type ModelEntry,
  type Settings,
  type Sky,
  type SkyRequest,
} from "./protocol";
import { readModel } from "./store";
import type { Studio } from "./studio";

const MOST_KEPT = 4; // skies; one of 256 px pictures has 6 MB

interface Loaded {
  readonly digest: string;
  readonly network: Network;
  readonly notes: readonly string[];
}

export class LocalStudio implements Studio {
  readonly #settings: Settings;
  /** The last one that was used. */
  #loaded: Loaded | undefined;
  #mayUseWebGpu = true;
  /** By `keyOf`, the latest at the end. */
  readonly #panoramas = new Map<string, Image>();

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  async draw(model: ModelEntry, request: SkyRequest, job: Job): Promise<Sky> {
    const panorama = await this.#panorama(model, request, job);
    const { network, notes } = await this.#load(model, job);
    const preview = await job.step("encode", 0, () => createImageBitmap(toImageData(panorama)));
    const { width, height } = panorama;
    const { backend, threads } = network;
    return { model, request, width, height, preview, drawnBy: backend, threads, seconds: job.seconds, notes };
  }

  async export(model: ModelEntry, request: SkyRequest, options: ExportOptions, job: Job): Promise<ExportedFile> {
    return makeFile(await this.#panorama(model, request, job), request, options, job);
  }

  async #panorama(model: ModelEntry, request: SkyRequest, job: Job): Promise<Image> {
    const key = keyOf(model, request);
    const kept = this.#panoramas.get(key);
    if (kept !== undefined) return kept;
    const panorama = await this.#drawn(model, request, job);
    this.#panoramas.set(key, panorama);
    const [oldest] = this.#panoramas.keys();
    if (this.#panoramas.size > MOST_KEPT && oldest !== undefined) this.#panoramas.delete(oldest);
    return panorama;
  }

  async #drawn(model: ModelEntry, request: SkyRequest, job: Job): Promise<Image> {
    const { network } = await this.#load(model, job);
    try {
      return await drawPanorama(network, model, request, job);
    } catch (error) {
      if (job.signal.aborted || network.backend === "wasm" || this.#settings.backend !== "auto") throw error;
      this.#mayUseWebGpu = false; // its driver is at fault
      this.#loaded = undefined;
      return this.#drawn(model, request, job);
    }
  }

  async #load(model: ModelEntry, job: Job): Promise<Loaded> {
    if (this.#loaded?.digest === model.digest) return this.#loaded;
    checkBrowser();
    await this.#loaded?.network.close();
    this.#loaded = undefined;
    const { base, catalogue } = this.#settings;
    const { data, notes } = await job.step("download", 0, () => readModel(model, base, catalogue, job));
    const network = await job.step("compile", 0, () => this.#open(data, model));
    this.#loaded = { digest: model.digest, network, notes };
    return this.#loaded;
  }

  async #open(data: Uint8Array, model: ModelEntry): Promise<Network> {
    const { backend, threads } = this.#settings;
    const open = (chosen: LocalBackend) => Network.open(data, model, chosen, threads);
    if (backend === "webgpu" || backend === "wasm") return open(backend);
    this.#mayUseWebGpu &&= await hasGraphicsProcessor();
    if (!this.#mayUseWebGpu) return open("wasm");
    return open("webgpu").catch(() => {
      this.#mayUseWebGpu = false; // its memory is too small, or its driver too old
      return open("wasm");
    });
  }
}

function checkBrowser(): void {
  if (!isSecureContext) {
    throw new EngineError("unsupported", "Browsers draw skies only on a page that was opened over https.");
  }
  if (typeof WebAssembly === "undefined" || typeof CompressionStream === "undefined") {
    const message = "This browser is too old to draw skies. Use a current Chrome, Edge, Firefox or Safari.";
    throw new EngineError("unsupported", message);
  }
}

/** A fallback adapter is none: it computes on the processor, a hundred times slower than wasm does. */
async function hasGraphicsProcessor(): Promise<boolean> {
  const adapter = "gpu" in navigator ? await navigator.gpu.requestAdapter() : null;
  return adapter !== null && !adapter.info.isFallbackAdapter;
}

function keyOf(model: ModelEntry, request: SkyRequest): string {
  const { cloud, mixWith, mixShare, seed, psi, pictures, method, below } = request;
  return [model.digest, cloud, mixWith, mixShare, seed, psi, pictures, method, below].join(" ");
}
