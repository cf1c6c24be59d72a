/**
 * A seed's latents, the same in every language: docs/seed.md is the specification.
 *
 * Integers make every value, so that float32 holds it exactly and no library's random generator,
 * sine or logarithm is in the way. SplitMix64 is by Steele, Lea and Flood, "Fast Splittable
 * Pseudorandom Number Generators", OOPSLA 2014.
 */

/** Synthesis layers of the 4², 8² and 16² blocks: they place the clouds, the rest paints them. */
const COARSE_LAYERS = 5;

const GOLDEN = 0x9e3779b97f4a7c15n;

/**
 * Latents of the ring's pictures and then the zenith's: `pictures + 1` arrays of (layers, zDim).
 *
 * Pictures of one sky share latent 0 in the fine layers and differ in the first `COARSE_LAYERS`,
 * where picture i has latent i + 1. `seed` is 0 to 2^64 - 1.
 */
export function skyLatents(
  seed: bigint,
  layers: number,
  zDim: number,
  pictures: number,
): Float32Array<ArrayBuffer>[] {
  const fine = latent(seed, 0, zDim);
  return Array.from({ length: pictures + 1 }, (_, picture) => {
    const coarse = latent(seed, picture + 1, zDim);
    const z = new Float32Array(layers * zDim);
    for (let layer = 0; layer < layers; layer++) {
      z.set(layer < COARSE_LAYERS ? coarse : fine, layer * zDim);
    }
    return z;
  });
}

/**
 * Latent number `index` (0 or more) of a seed: (zDim).
 *
 * Each value is the centred sum of twelve uniform 16-bit numbers over 2^16: mean 0, variance
 * 1 - 2^-32, within +-6, near to a normal distribution.
 */
export function latent(seed: bigint, index: number, zDim: number): Float32Array<ArrayBuffer> {
  const key = splitMix64(splitMix64(seed, 0), index);
  return Float32Array.from({ length: zDim }, (_, value) => {
    let total = -6 * 0xffff;
    for (let word = 0; word < 3; word++) total += sumOf16(splitMix64(key, 3 * value + word));
    return total / 65536;
  });
}

/** Output number n, from 0, of the generator started at `state`. */
function splitMix64(state: bigint, n: number): bigint {
  let x = BigInt.asUintN(64, state + BigInt(n + 1) * GOLDEN);
  x = BigInt.asUintN(64, (x ^ (x >> 30n)) * 0xbf58476d1ce4e5b9n);
  x = BigInt.asUintN(64, (x ^ (x >> 27n)) * 0x94d049bb133111ebn);
  return x ^ (x >> 31n);
}

/** Sum of the four 16-bit numbers in a 64-bit word. */
function sumOf16(word: bigint): number {
  const low = Number(word & 0xffffffffn);
  const high = Number(word >> 32n);
  return (low & 0xffff) + (low >>> 16) + (high & 0xffff) + (high >>> 16);
}
