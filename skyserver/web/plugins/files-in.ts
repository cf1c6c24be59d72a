import { readdir } from "node:fs/promises";
import { join, relative, sep } from "node:path";

/** Files below a folder, as paths relative to it, with `/` on every system. */
export async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll(sep, "/"));
}
