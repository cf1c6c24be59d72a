/** Which models the site has. */

import { EngineError, type Catalogue, type CloudType, type ModelEntry } from "./protocol";
import { fetchFromSite } from "./site";

/** Reads `models.json` below `base` (ending in `/`) and checks all of it. Failures are `EngineError`s. */
export async function fetchCatalogue(base: string): Promise<Catalogue> {
  const response = await fetchFromSite(`${base}models.json`, { cache: "no-cache" }); // it has no hash in its name
  try {
    return readCatalogue(await response.json());
  } catch (error) {
    const message = "The site's list of models cannot be read. Reload the page, or try again later.";
    throw new EngineError("model-missing", message, { cause: error });
  }
}

/** Ranges are those of docs/model-file.md. Throws `TypeError` naming the first thing that is wrong. */
function readCatalogue(value: unknown): Catalogue {
  const { version, server, models } = record(value, "the list");
  return {
    version: text(version, "version"),
    server: server === true,
    models: list(models, "models", 100).map(readModel),
  };
}

function readModel(value: unknown): ModelEntry {
  const model = record(value, "a model");
  return {
    digest: text(model.digest, "digest", /^[0-9a-f]{64}$/),
    bytes: whole(model.bytes, "bytes", 1, 512 * 2 ** 20),
    name: text(model.name, "name"),
    width: whole(model.width, "width", 16, 1024),
    height: whole(model.height, "height", 16, 1024),
    layers: whole(model.layers, "layers", 1, 64),
    z_dim: whole(model.z_dim, "z_dim", 1, 4096),
    wraps: model.wraps === true,
    licence: text(model.licence, "licence"),
    classes: list(model.classes, "classes", 1000).map(readCloud),
  };
}

function readCloud(value: unknown): CloudType {
  const { code, name, description, thumbnail } = record(value, "a class");
  return {
    code: text(code, "code", /^[A-Za-z0-9_-]{1,16}$/),
    name: text(name, "class name"),
    description: text(description, "description"),
    thumbnail: text(thumbnail, "thumbnail", /^thumbnails\/[0-9a-f]{64}\/[A-Za-z0-9_-]+\.webp$/),
  };
}

function record(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) throw new TypeError(`${what} is not an object`);
  return value as Record<string, unknown>;
}

function list(value: unknown, what: string, most: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length < 1 || value.length > most) throw new TypeError(`${what} is not a list`);
  return value;
}

function text(value: unknown, what: string, pattern = /^.{0,1000}$/u): string {
  if (typeof value !== "string" || !pattern.test(value)) throw new TypeError(`${what} is not allowed`);
  return value;
}

function whole(value: unknown, what: string, low: number, high: number): number {
  if (!Number.isInteger(value) || Number(value) < low || Number(value) > high) {
    throw new TypeError(`${what} is not from ${low} to ${high}`);
  }
  return Number(value);
}
