/** Seeds that a user meets. */

import { MAX_SEED } from "../engine/protocol";

/** A seed by chance, short enough to be read out. */
export function newSeed(): bigint {
  const [number] = crypto.getRandomValues(new Uint32Array(1));
  return BigInt(number ?? 0) % 1_000_000n;
}

/** The seed that somebody typed: its digits, and the largest seed in place of a larger number. */
export function typedSeed(text: string): bigint {
  const digits = text.replace(/\D/g, "").slice(0, 30);
  const seed = BigInt(digits); // "" is 0
  return seed > MAX_SEED ? MAX_SEED : seed;
}
