import type { Plugin } from "vite";
import { filesIn } from "./files-in.ts";

/**
 * Tells the service worker, the bundle `fileName`, which files the page is made of: its `__SITE_FILES__` becomes an
 * array of their addresses, relative to the page. Most carry hashes, so the worker's bytes change with them.
 */
export function siteFiles(fileName: string): Plugin {
  let publicDir: string;
  return {
    name: "site-files",
    apply: "build",
    configResolved(config) {
      publicDir = config.publicDir;
    },
    generateBundle: {
      order: "post", // after all others have added theirs
      async handler(_options, bundle) {
        const worker = bundle[fileName];
        if (worker?.type !== "chunk") throw new Error(`${fileName} is missing`);
        const copied = await filesIn(publicDir);
        const names = [...Object.keys(bundle), ...copied].filter((name) => name !== fileName);
        worker.code = worker.code.replace("__SITE_FILES__", () => JSON.stringify(names.sort()));
      },
    },
  };
}
