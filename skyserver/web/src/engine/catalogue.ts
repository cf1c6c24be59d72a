/** Which models the site has. */

import type { Catalogue } from "./protocol";

/** Reads `models.json` below `base` (ending in `/`) and checks all of it. Failures are `EngineError`s. */
export declare function fetchCatalogue(base: string): Promise<Catalogue>;
