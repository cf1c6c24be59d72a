/** What the page and the engine's worker say to each other. Everything here crosses `postMessage`. */

import type { OrientationName } from "../sky/orientation";
import type { Method } from "../sky/panorama";

// ------------------------------------------------------------------------------------ request

/** A sky to draw, as skyserver/request.py has it. */
export interface SkyRequest {
  /** Code of a cloud type that the model knows. */
  readonly cloud: string;
  /** Code of a second cloud type to mix in. */
  readonly mixWith: string | null;
  /** Share of `mixWith`, 0 to 1; `cloud` has the rest. */
  readonly mixShare: number;
  /** Which of the skies, 0 to 2^64 - 1. */
  readonly seed: bigint;
  /** Truncation, 0 (the average sky of its type) to 1 (the full variety). */
  readonly psi: number;
  /** How many pictures go round the horizon, 1 to 8. */
  readonly pictures: number;
  /** How they become a circle. */
  readonly method: Method;
  /** What is below the horizon: `haze`, `mirror` or a colour #rrggbb. */
  readonly below: string;
}

export const DEFAULTS: Omit<SkyRequest, "cloud"> = {
  mixWith: null,
  mixShare: 0.5,
  seed: 0n,
  psi: 0.8,
  pictures: 4,
  method: "blend",
  below: "haze",
};

export const MAX_SEED = 2n ** 64n - 1n;
export const METHODS: readonly Method[] = ["blend", "mirror"];
/** Or a colour, #rrggbb. */
export const BELOWS: readonly string[] = ["haze", "mirror"];

type Checks = { readonly [Field in keyof SkyRequest]: (value: SkyRequest[Field], model: ModelEntry) => boolean };

/** For each field whether a value of its type is allowed. */
export const isAllowed: Checks = {
  cloud: (code, model) => knows(model, code),
  mixWith: (code, model) => code === null || knows(model, code),
  mixShare: (share) => share >= 0 && share <= 1, // false for NaN too
  seed: (seed) => seed >= 0n && seed <= MAX_SEED,
  psi: (psi) => psi >= 0 && psi <= 1,
  pictures: (count) => Number.isInteger(count) && count >= 1 && count <= 8,
  method: (method) => METHODS.includes(method),
  below: (below) => BELOWS.includes(below) || /^#[0-9a-f]{6}$/i.test(below),
};

function knows(model: ModelEntry, code: string): boolean {
  return model.classes.some((cloud) => cloud.code === code);
}

// ------------------------------------------------------------------------------ models.json

/** What stands at `models.json`. */
export interface Catalogue {
  /** Of SkyServer. */
  readonly version: string;
  /** Whether a server that draws skies (gRPC-Web) stands at the page's own origin. */
  readonly server: boolean;
  /** At least one; the first is the default. */
  readonly models: readonly ModelEntry[];
}

/** A model file, which lies at `models/<digest>.onnx`. */
export interface ModelEntry {
  /** SHA-256 of the file in hexadecimal. */
  readonly digest: string;
  readonly bytes: number;
  readonly name: string;
  /** Of a picture, in pixels. */
  readonly width: number;
  readonly height: number;
  readonly layers: number;
  readonly z_dim: number;
  readonly wraps: boolean;
  readonly licence: string;
  /** In the order of the network's input `c`. */
  readonly classes: readonly CloudType[];
}

export interface CloudType {
  /** As in `Cu`. */
  readonly code: string;
  /** As in `cumulus`. */
  readonly name: string;
  /** One line of meteorology, or empty. */
  readonly description: string;
  /** Address of a sample of its skies, relative to that of `models.json`; 256 by 256 pixels. */
  readonly thumbnail: string;
}

// ---------------------------------------------------------------------------------- drawing

/** What is under way, in this order. */
export type Stage = "download" | "compile" | "model" | "panorama" | "encode";

export interface Progress {
  readonly stage: Stage;
  /** Of the stage, 0 to 1; where the server draws, of all the work. */
  readonly done: number;
  /** Of a download, how many have come of how many. */
  readonly bytes?: { readonly received: number; readonly total: number };
}

/** What computes the network. */
export type Backend = "webgpu" | "wasm" | "server";

/** A panorama in Unity's orientation: `height` rows of `width` = 2 `height` texels. */
export interface Sky {
  readonly model: ModelEntry;
  readonly request: SkyRequest;
  readonly width: number;
  readonly height: number;
  /** The panorama in 8 bits, of `width` and `height`. Who receives it closes it. */
  readonly preview: ImageBitmap;
  readonly drawnBy: Backend;
  /** Processor threads that the network ran on; 0 where it was not this computer's processor. */
  readonly threads: number;
  /** Seconds in each stage; those that were not needed are absent. */
  readonly seconds: Partial<Record<Stage, number>>;
  /** Plain sentences that the user should read beside the sky; mostly none. */
  readonly notes: readonly string[];
}

// ---------------------------------------------------------------------------------- exports

export const PANORAMA_WIDTHS: readonly number[] = [512, 1024, 2048, 4096, 8192]; // pixels
export const FACE_SIZES: readonly number[] = [128, 256, 512, 1024, 2048]; // pixels

export type ExportOptions = PanoramaOptions | FacesOptions;

/** One PNG. */
export interface PanoramaOptions {
  readonly layout: "panorama";
  /** Width, one of `PANORAMA_WIDTHS`. */
  readonly size: number;
  readonly orientation: OrientationName;
}

/** Six PNGs in a zip. */
export interface FacesOptions {
  readonly layout: "faces";
  /** Edge, one of `FACE_SIZES`. */
  readonly size: number;
  readonly orientation: OrientationName;
  /** `plain`: px, nx, py, ny, pz, nz. `unity`: the slots of Unity's shader Skybox/6 Sided (Left, Right, Up, ...). */
  readonly naming: "plain" | "unity";
}

export interface ExportedFile {
  /** As in `Cu-7-panorama-2048.png`. */
  readonly name: string;
  readonly blob: Blob;
}

// ----------------------------------------------------------------------------------- errors

/**
 * Why there is no sky, for the page to act on:
 * `model-missing` the site lacks the model file · `model-damaged` the file is not what its digest says ·
 * `offline` the site does not answer · `out-of-memory` · `unsupported` this browser cannot run the model ·
 * `server-busy` ask again later · `unauthenticated` the server asks for a token, or does not know the one sent · `cancelled` by the page · `defect` anything else.
 */
export type ErrorKind =
  | "model-missing"
  | "model-damaged"
  | "offline"
  | "out-of-memory"
  | "unsupported"
  | "server-busy"
  | "unauthenticated"
  | "cancelled"
  | "defect";

/** `message` is one plain sentence for the user, with a way on. */
export class EngineError extends Error {
  readonly kind: ErrorKind;

  constructor(kind: ErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "EngineError";
    this.kind = kind;
  }
}

// --------------------------------------------------------------------------------- messages

export interface Settings {
  /** Address of the folder that holds `models.json`, ending in `/`. */
  readonly base: string;
  /** What stands there; models that it does not name are forgotten. */
  readonly catalogue: Catalogue;
  /** `auto`: the best that works. */
  readonly backend: Backend | "auto";
  /** Processor threads at most. Without cross-origin isolation there is only one. */
  readonly threads: number;
}

/** What the worker does; one job at a time. */
export type JobRequest =
  | { readonly type: "draw"; readonly model: ModelEntry; readonly request: SkyRequest }
  | {
      readonly type: "export";
      readonly model: ModelEntry;
      readonly request: SkyRequest;
      readonly options: ExportOptions;
    };

/** From the page: `start` first, then a job, which may be cancelled, then the next; between them a `token`. */
export type ToWorker =
  | { readonly type: "start"; readonly settings: Settings; readonly token: string }
  | { readonly type: "token"; readonly token: string }
  | JobRequest
  | { readonly type: "cancel" };

/** From the worker: any number of `progress`, then one `done` or `failed` for each job. */
export type FromWorker =
  | { readonly type: "progress"; readonly progress: Progress }
  | { readonly type: "done"; readonly result: Sky | ExportedFile }
  | { readonly type: "failed"; readonly kind: ErrorKind; readonly message: string };
