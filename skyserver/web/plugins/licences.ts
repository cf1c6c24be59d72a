import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { Plugin } from "vite";

const PACKAGE = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/;

/** Folders of the packages of which something is in a bundle. */
const bundled = new Set<string>();

/** Remembers the packages of a bundle; the page's and each of its workers' needs one. */
export function notePackages(): Plugin {
  return {
    name: "note-packages",
    apply: "build",
    generateBundle() {
      for (const id of this.getModuleIds()) {
        const [folder] = PACKAGE.exec(id) ?? [];
        if (folder !== undefined) bundled.add(folder);
      }
    },
  };
}

/** Writes the licences of all noted packages, which ask to travel with copies, to `fileName`. */
export function licences(fileName: string): Plugin {
  return {
    name: "licences",
    apply: "build",
    async generateBundle() {
      const notices = await Promise.all([...bundled].sort().map(notice));
      this.emitFile({ type: "asset", fileName, source: notices.join(`\n${"-".repeat(80)}\n\n`) });
    },
  };
}

/** Name, version, licence and source of a package; its licence's text where the package has it. */
async function notice(folder: string): Promise<string> {
  const manifest = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as Manifest;
  const { name, version, license, repository } = manifest;
  const source = typeof repository === "string" ? repository : repository.url;
  const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? "" : `\n${await readFile(join(folder, file), "utf8")}`;
  return `${name} ${version}, licence ${license}\n${source}\n${text}`;
}

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly repository: string | { readonly url: string };
}
