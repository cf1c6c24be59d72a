/** A generator network in ONNX Runtime Web: latents in, a picture out (docs/model-file.md). */

import type { InferenceSession, Tensor } from "onnxruntime-web";
import webgpuScript from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url";
import webgpuRuntime from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url";
import wasmScript from "onnxruntime-web/ort-wasm-simd-threaded.mjs?url";
import wasmRuntime from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import { createImage, type Image } from "../sky/image";
import { EngineError, type Backend, type ModelEntry } from "./protocol";
import { fetchFromSite } from "./site";

type Floats = Float32Array<ArrayBuffer>;
type Ort = typeof import("onnxruntime-web");
export type LocalBackend = Exclude<Backend, "server">;

const ERRORS_ALONE = 3; // of ONNX Runtime's severities, 0 to 4
/** Addresses as ONNX Runtime wants them, absolute. */
const RUNTIMES = {
  wasm: { mjs: absolute(wasmScript), wasm: absolute(wasmRuntime) },
  webgpu: { mjs: absolute(webgpuScript), wasm: absolute(webgpuRuntime) },
};

export class Network {
  readonly backend: LocalBackend;
  /** Processor threads that a picture is drawn on. */
  readonly threads: number;
  readonly #model: ModelEntry;
  readonly #session: InferenceSession;
  readonly #tensor: typeof Tensor;

  private constructor(model: ModelEntry, session: InferenceSession, ort: Ort, backend: LocalBackend) {
    this.#model = model;
    this.#session = session;
    this.#tensor = ort.Tensor;
    this.backend = backend;
    this.threads = backend === "wasm" ? (ort.env.wasm.numThreads ?? 1) : 0;
  }

  /**
   * Loads a model file. `threads` are used at most.
   * Throws `EngineError` if the site lacks the runtime, else whatever ONNX Runtime does.
   */
  static async open(data: Uint8Array, model: ModelEntry, backend: LocalBackend, threads: number): Promise<Network> {
    const ort = backend === "webgpu" ? await import("onnxruntime-web/webgpu") : await import("onnxruntime-web/wasm");
    ort.env.logLevel = "error";
    ort.env.wasm.numThreads = crossOriginIsolated ? threads : 1; // threads need shared memory
    ort.env.wasm.wasmPaths = RUNTIMES[backend];
    const options = {
      executionProviders: [backend],
      graphOptimizationLevel: "all",
      logSeverityLevel: ERRORS_ALONE,
    } as const;
    try {
      return new Network(model, await ort.InferenceSession.create(data, options), ort, backend);
    } catch (error) {
      await fetchFromSite(RUNTIMES[backend].wasm.href); // ONNX Runtime does not say whether it came
      throw error;
    }
  }

  /** Draws the picture of latents `z` (layers, z_dim), class weights `c` (classes) and truncation `psi`. */
  async draw(z: Floats, c: Floats, psi: number): Promise<Image> {
    const { layers, z_dim, width, height } = this.#model;
    const results = await this.#session.run(
      {
        z: new this.#tensor("float32", z, [1, layers, z_dim]),
        c: new this.#tensor("float32", c, [1, c.length]),
        psi: new this.#tensor("float32", Float32Array.of(psi), [1]),
      },
      ["image"],
    );
    const data = await results.image?.getData();
    if (!(data instanceof Float32Array) || data.length !== 3 * width * height) {
      throw unfit();
    }
    return toPicture(data, width, height);
  }

  /** Gives its memory back. */
  close(): Promise<void> {
    return this.#session.release();
  }
}

function absolute(address: string): URL {
  return new URL(address, import.meta.url);
}

/** From planes (3, height, width) in [-1, 1], which may be left, to a picture. */
function toPicture(planes: Float32Array, width: number, height: number): Image {
  const picture = createImage(width, height);
  const texels = width * height;
  for (let texel = 0; texel < texels; texel++) {
    for (let channel = 0; channel < 3; channel++) {
      const value = (planes[channel * texels + texel] ?? 0) / 2 + 0.5;
      if (!Number.isFinite(value)) throw unfit();
      picture.data[3 * texel + channel] = Math.min(Math.max(value, 0), 1);
    }
  }
  return picture;
}

function unfit(): EngineError {
  return new EngineError("defect", "The model drew something else than the picture it declares. Choose another seed.");
}
