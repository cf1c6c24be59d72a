/**
 * Multi-band blending: join fine detail over a short way and broad light over a long one.
 *
 * Burt and Adelson, "A Multiresolution Spline With Application to Image Mosaics", ACM TOG 2(4),
 * 1983: split the images into octave bands, weight each band with the mask smoothed to that band's
 * scale, add the bands up again. The kernel is the cell-centred binomial [1 3 3 1] / 8 instead of
 * their five taps: level l then has exactly 1 / 2^l of the texels, centred on the blocks they stand
 * for, so a periodic image stays periodic on every level.
 */

import { createPlanes, mapPlanes, type Planes } from "./planes";

/** Half as many texels in both directions; height and width are even. */
function reduce(planes: Planes): Planes {
  const { channels, height, width, data } = planes;
  const half = createPlanes(channels, height / 2, width / 2);
  const line = new Float32Array(width);
  for (let to = 0, row = 0; row < channels * half.height; row++) {
    const first = 2 * row * width; // of the two rows that are nearest
    const above = row % half.height === 0 ? first : first - width;
    const below = row % half.height === half.height - 1 ? first + width : first + 2 * width;
    for (let x = 0; x < width; x++) {
      const near = data[first + x]! + data[first + width + x]!;
      line[x] = (3 * near + data[above + x]! + data[below + x]!) / 8;
    }
    for (let x = 0; x < width; x += 2, to++) {
      const ends = line[Math.max(0, x - 1)]! + line[Math.min(width - 1, x + 2)]!;
      half.data[to] = (3 * (line[x]! + line[x + 1]!) + ends) / 8;
    }
  }
  return half;
}

/** Twice as many texels in both directions, by linear interpolation; `periodic` in x. */
export function expand(planes: Planes, periodic = false): Planes {
  const { channels, height, width, data } = planes;
  const twice = createPlanes(channels, 2 * height, 2 * width);
  const line = new Float32Array(width);
  for (let to = 0, row = 0; row < channels * twice.height; row++) {
    const near = row >> 1;
    const far = near + (row % 2 === 0 ? -1 : 1);
    const inside = Math.floor(far / height) === Math.floor(near / height);
    const nearest = near * width;
    const next = inside ? far * width : nearest;
    for (let x = 0; x < width; x++) line[x] = 0.75 * data[nearest + x]! + 0.25 * data[next + x]!;
    const before = line[periodic ? width - 1 : 0]!;
    const after = line[periodic ? 0 : width - 1]!;
    for (let x = 0; x < width; x++, to += 2) {
      const middle = 0.75 * line[x]!;
      twice.data[to] = middle + 0.25 * (x > 0 ? line[x - 1]! : before);
      twice.data[to + 1] = middle + 0.25 * (x < width - 1 ? line[x + 1]! : after);
    }
  }
  return twice;
}

/** `mask` with its edges softened over about 2^times texels. */
export function feather(mask: Planes, times: number): Planes {
  let soft = mask;
  for (let i = 0; i < times; i++) soft = reduce(soft);
  for (let i = 0; i < times; i++) soft = expand(soft);
  return soft;
}

/**
 * `planes` times `mask` (of one channel) in [0, 1], band by band.
 *
 * Where the mask is constant over the reach of the coarsest band (about 2^levels texels) this is
 * the plain product. `a + masked(b - a, mask, levels)` is the blend of b into a. Edges of the image
 * are not periodic; height and width are multiples of 2^levels.
 */
export function masked(planes: Planes, mask: Planes, levels: number): Planes {
  return collapse(maskedBands(planes, mask, levels), false);
}

/**
 * Blend overlapping tiles that lie round a closed ring, tile k with its first column at ring column
 * k * pitch, their width between pitch and 2 * pitch.
 *
 * masks: one channel for each tile, in [0, 1], adding up to 1 over all tiles at each ring column,
 * zero for 2^levels columns at either end of a tile. Height, width and pitch are multiples of
 * 2^levels. Returns (channels, height, n * pitch), periodic in x.
 */
export function joinRing(
  tiles: readonly Planes[],
  masks: readonly Planes[],
  pitch: number,
  levels: number,
): Planes {
  const bands = tiles.map((tile, k) => maskedBands(tile, masks[k]!, levels));
  const ring = Array.from({ length: levels + 1 }, (_, level) =>
    overlapAdd(
      bands.map((own) => own[level]!),
      pitch >> level,
    ),
  );
  return collapse(ring, true);
}

/** Add tiles, pitch <= width <= 2 pitch, at every `pitch` columns of a closed ring. */
function overlapAdd(tiles: readonly Planes[], pitch: number): Planes {
  const { channels, height, width } = tiles[0]!;
  const ring = createPlanes(channels, height, tiles.length * pitch);
  for (const [k, { data }] of tiles.entries()) {
    for (let line = 0, from = 0; line < channels * height; line++) {
      const start = line * ring.width;
      for (let x = k * pitch; x < k * pitch + width; x++, from++) {
        ring.data[start + (x < ring.width ? x : x - ring.width)]! += data[from]!;
      }
    }
  }
  return ring;
}

/** `levels` octave bands times the mask at their scale, from fine to coarse, and what is left. */
function maskedBands(planes: Planes, mask: Planes, levels: number): Planes[] {
  const bands: Planes[] = [];
  for (let level = 0; level < levels; level++) {
    const coarse = reduce(planes);
    bands.push(product(difference(planes, expand(coarse)), mask));
    planes = coarse;
    mask = reduce(mask);
  }
  return [...bands, product(planes, mask)];
}

function difference(planes: Planes, { data: others }: Planes): Planes {
  return mapPlanes(planes, (value, i) => value - others[i]!);
}

/** Every channel times a mask of one channel. */
function product(planes: Planes, { data: weights }: Planes): Planes {
  const made = createPlanes(planes.channels, planes.height, planes.width);
  for (let start = 0; start < made.data.length; start += weights.length) {
    for (let i = 0; i < weights.length; i++) {
      made.data[start + i] = planes.data[start + i]! * weights[i]!;
    }
  }
  return made;
}

/** The sum of bands, each half the size of the one before. */
function collapse(bands: readonly Planes[], periodic: boolean): Planes {
  return bands.reduceRight((coarse, { data }) =>
    mapPlanes(expand(coarse, periodic), (value, i) => value + data[i]!),
  );
}
