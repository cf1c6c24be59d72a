/** The page's handle on the engine: promises in place of messages. */

import type { ExportedFile, ExportOptions, ModelEntry, Progress, Settings, Sky, SkyRequest } from "./protocol";

export interface JobOptions {
  /** Rejects with `EngineError` of kind `cancelled` and stops the work. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: Progress) => void;
}

/** Starts the worker at the first job. Jobs wait for each other. */
export declare class Engine {
  constructor(settings: Settings);

  /** Draws a sky. All failures are `EngineError`s. */
  draw(model: ModelEntry, request: SkyRequest, options?: JobOptions): Promise<Sky>;

  /**
   * Makes a file of a sky. The latest few skies are kept in full precision; an older one is drawn again.
   * All failures are `EngineError`s.
   */
  export(sky: Sky, what: ExportOptions, options?: JobOptions): Promise<ExportedFile>;

  /** Ends the worker; what is under way is cancelled. */
  close(): void;
}

/** Settings from `?backend=wasm&threads=1` in the page's address, both optional; other values count as absent. */
export declare function settingsFrom(query: URLSearchParams, base: string, server: boolean): Settings;
