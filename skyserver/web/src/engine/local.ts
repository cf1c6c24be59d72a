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

interface Drawn extends Pick<Sky, "drawnBy" | "threads" | "notes"> {
  readonly panorama: Image;
}

export class LocalStudio implements Studio {
  readonly #settings: Settings;
  /** The last one that was used. */
  #loaded: Loaded | undefined;
  #mayUseWebGpu = true;
  /** By `keyOf`, the latest drawn at the end. */
  readonly #kept = new Map<string, Drawn>();

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  async draw(model: ModelEntry, request: SkyRequest, job: Job): Promise<Sky> {
    const { panorama, ...facts } = await this.#drawn(model, request, job);
    const preview = await job.step("encode", 0, () => createImageBitmap(toImageData(panorama)));
    const { width, height } = panorama;
    return { model, request, width, height, preview, seconds: job.seconds, ...facts };
  }

  async export(model: ModelEntry, request: SkyRequest, options: ExportOptions, job: Job): Promise<ExportedFile> {
    const { panorama } = await this.#drawn(model, request, job);
    return makeFile(panorama, request, options, job);
  }

  async #drawn(model: ModelEntry, request: SkyRequest, job: Job): Promise<Drawn> {
    const key = keyOf(model, request);
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const drawn = await this.#drawAnew(model, request, job);
    this.#kept.set(key, drawn);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
    return drawn;
  }

  async #drawAnew(model: ModelEntry, request: SkyRequest, job: Job): Promise<Drawn> {
    const { network, notes } = await this.#load(model, job);
    const { backend, threads } = network;
    try {
      return { panorama: await drawPanorama(network, model, request, job), drawnBy: backend, threads, notes };
    } catch (error) {
      if (job.signal.aborted || backend === "wasm" || this.#settings.backend !== "auto") throw error;
      this.#mayUseWebGpu = false; // its driver is at fault
      this.#loaded = undefined;
      return this.#drawAnew(model, request, job);
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
    const message = "Browsers draw skies only on pages that were opened over https. Open this page so.";
    throw new EngineError("unsupported", message);
  }
  if (typeof WebAssembly === "undefined" || typeof CompressionStream === "undefined") {
    const message = "This browser cannot draw skies: it is too old, or WebAssembly is switched off. Use another one.";
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
