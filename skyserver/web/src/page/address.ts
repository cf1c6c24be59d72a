/** The page's state as it stands in its address: `?cloud=Cu&seed=7&psi=0.8&pictures=4&method=blend&below=haze&model=...`. */

import { type Catalogue, DEFAULTS, isAllowed, MAX_SEED, type ModelEntry, type SkyRequest } from "../engine/protocol";

const MODEL = "model";
/** Hexadecimal digits of a model's digest that tell it from others. */
const MODEL_DIGITS = 12;
/** Parameters that the engine reads and that stay as they are. */
const KEPT = ["backend", "threads"];
/** The type that is chosen where the address names none and the model knows it. */
const FIRST_CLOUD = "Cu";
/** The seed of an address that names no sky: a good one to begin with. */
const FIRST_SEED = 13n;
/** Characters of a wrong value that are shown. */
const SHOWN = 40;

type Field = keyof SkyRequest;

interface Parameter<F extends Field> {
  readonly name: string;
  /** What else it could have been, for people. */
  readonly allowed: string;
  /** The value that the text is meant to be, allowed or not; `undefined` where it cannot be one. */
  readonly read: (text: string, model: ModelEntry) => SkyRequest[F] | undefined;
}

const PARAMETERS: { readonly [F in Field]: Parameter<F> } = {
  cloud: { name: "cloud", allowed: "a cloud type of this model", read: readCloud },
  mixWith: { name: "mix", allowed: "a cloud type of this model", read: readCloud },
  mixShare: { name: "share", allowed: "a number from 0 to 1", read: readNumber },
  seed: {
    name: "seed",
    allowed: `a whole number from 0 to ${MAX_SEED}`,
    read: (text) => (/^\d{1,20}$/.test(text) ? BigInt(text) : undefined),
  },
  psi: { name: "psi", allowed: "a number from 0 to 1", read: readNumber },
  pictures: { name: "pictures", allowed: "a whole number from 1 to 8", read: readNumber },
  method: {
    name: "method",
    allowed: "blend or mirror",
    read: (text) => (text === "blend" || text === "mirror" ? text : undefined),
  },
  below: { name: "below", allowed: "haze, mirror or a colour such as #808890", read: (text) => text },
};

export interface Asked {
  readonly model: ModelEntry;
  readonly request: SkyRequest;
  /** Whether the address names a sky, so that it should be drawn at once. */
  readonly named: boolean;
  /** For each value that could not be used a plain sentence. */
  readonly ignored: readonly string[];
}

/** What an address asks for. It may come from anybody: whatever is not allowed falls back to its default. */
export function readAddress(query: URLSearchParams, catalogue: Catalogue): Asked {
  const ignored: string[] = [];
  const model = readModel(query.get(MODEL), catalogue, ignored);
  const named = query.has(PARAMETERS.cloud.name);
  const defaults: SkyRequest = { ...DEFAULTS, seed: named ? DEFAULTS.seed : FIRST_SEED, cloud: firstCloud(model) };

  function read<F extends Field>(field: F): SkyRequest[F] {
    const parameter = PARAMETERS[field];
    const text = query.get(parameter.name);
    if (text === null) return defaults[field];
    const value = parameter.read(text, model);
    if (value !== undefined && isAllowed[field](value, model)) return value;
    const used = defaults[field] ?? "none";
    ignored.push(`The address has “${shortened(text)}” for ${parameter.name}, which is not ${parameter.allowed}: ${used} is used.`);
    return defaults[field];
  }

  const request: SkyRequest = {
    cloud: read("cloud"),
    mixWith: read("mixWith"),
    mixShare: read("mixShare"),
    seed: read("seed"),
    psi: read("psi"),
    pictures: read("pictures"),
    method: read("method"),
    below: read("below"),
  };
  return { model, request, named, ignored };
}

/** The query that `readAddress` reads the same from; what the engine reads from `current` stays. */
export function writeAddress(model: ModelEntry, request: SkyRequest, current: URLSearchParams): string {
  const query = new URLSearchParams();
  for (const [field, { name }] of Object.entries(PARAMETERS)) {
    const value = request[field as Field];
    if (value !== null && (field !== "mixShare" || request.mixWith !== null)) query.set(name, String(value));
  }
  query.set(MODEL, model.digest.slice(0, MODEL_DIGITS));
  for (const name of KEPT) {
    const value = current.get(name);
    if (value !== null) query.set(name, value);
  }
  return `?${query}`;
}

function readModel(text: string | null, { models }: Catalogue, ignored: string[]): ModelEntry {
  const [first] = models;
  if (first === undefined) throw new Error("a catalogue has at least one model");
  if (text === null) return first;
  const named = models.find((model) => text.length === MODEL_DIGITS && model.digest.startsWith(text));
  if (named === undefined) {
    ignored.push("This link was made with a model that is not here, so the sky will not be the one that was shared.");
  }
  return named ?? first;
}

function firstCloud({ classes }: ModelEntry): string {
  const cloud = classes.find(({ code }) => code === FIRST_CLOUD) ?? classes[0];
  if (cloud === undefined) throw new Error("a model has at least one cloud type");
  return cloud.code;
}

/** The code of the type that is called so, in either case; the text itself where there is none. */
function readCloud(text: string, { classes }: ModelEntry): string {
  const wanted = text.toLowerCase();
  return classes.find(({ code, name }) => [code, name].some((word) => word.toLowerCase() === wanted))?.code ?? text;
}

function readNumber(text: string): number | undefined {
  return /^\d{1,3}(\.\d{1,17})?$/.test(text) ? Number(text) : undefined;
}

function shortened(text: string): string {
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
