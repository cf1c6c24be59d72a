/** What draws skies: this computer (local.ts) or the server (remote.ts). */

import type { Job } from "./job";
import type { ExportedFile, ExportOptions, ModelEntry, Sky, SkyRequest } from "./protocol";

export interface Studio {
  draw(model: ModelEntry, request: SkyRequest, job: Job): Promise<Sky>;
  export(model: ModelEntry, request: SkyRequest, options: ExportOptions, job: Job): Promise<ExportedFile>;
}
