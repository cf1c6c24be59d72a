/** Pictures side by side round the horizon, joined into one closed band. */

import { levelJoins } from "./levelling";
import { createPlanes, mirrored, type Planes } from "./planes";
import { feather, joinRing } from "./pyramid";
import { type Cost, cut } from "./seam";

/**
 * Join tiles (3, h, pitch + overlap) into a band (3, h, n * pitch), periodic in x.
 *
 * Each tile is cut against the next, the last one against the first (a single one against itself),
 * and blended over `levels` octave bands. The middle of tile k lands in the middle of columns
 * k * pitch to (k + 1) * pitch. h and pitch are multiples of 2^levels, and
 * overlap + 3 * 2^levels <= pitch.
 */
export function join(tiles: readonly Planes[], pitch: number, levels: number): Planes {
  const { width } = tiles[0]!;
  const overlap = width - pitch;
  const levelled = levelJoins(tiles, overlap);
  const grain = 2 ** levels;
  // For the coarsest band to reach past the ends.
  const room = Math.ceil((width + 2 * grain) / grain) * grain - width;
  const left = Math.floor(room / 2);
  const right = room - left;
  const masks = masksBetween(cuts(levelled, overlap), pitch, left, width + room);
  const band = joinRing(
    levelled.map((tile) => mirrored(tile, { left, right })),
    masks.map((mask) => feather(mask, levels - 1)),
    pitch,
    levels,
  );
  return rolled(band, Math.floor(overlap / 2) + left);
}

/** Columns within the overlap of each tile and the next at which the one gives way. */
function cuts(tiles: readonly Planes[], overlap: number): Int32Array[] {
  const costs = tiles.map((tile, k) => difference(tile, tiles[(k + 1) % tiles.length]!, overlap));
  const mean = meanOf(costs);
  for (const { width, data } of costs) {
    // A cut in the middle leaves the bands room on both sides: near the ends it has to pay.
    for (let i = 0; i < data.length; i++) {
      const offCentre = (2 * (i % width)) / (width - 1) - 1;
      data[i]! += (mean + 1e-3) * offCentre ** 4;
    }
  }
  return costs.map(cut);
}

/** How much the end of a tile differs from the beginning of the next, over all channels. */
function difference(tile: Planes, following: Planes, overlap: number): Cost {
  const { channels, height, width } = tile;
  const cost = { steps: height, width: overlap, data: new Float32Array(height * overlap) };
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      const start = (c * height + y) * width;
      for (let x = 0; x < overlap; x++) {
        const there = tile.data[start + width - overlap + x]!;
        cost.data[y * overlap + x]! += Math.abs(there - following.data[start + x]!);
      }
    }
  }
  return cost;
}

function meanOf(costs: readonly Cost[]): number {
  let sum = 0;
  let count = 0;
  for (const { data } of costs) {
    for (let i = 0; i < data.length; i++) sum += data[i]!;
    count += data.length;
  }
  return sum / count;
}

/** For each tile 1 between its cuts, else 0: `width` columns, the tile from column `left` on. */
function masksBetween(
  paths: readonly Int32Array[],
  pitch: number,
  left: number,
  width: number,
): Planes[] {
  return paths.map((ends, k) => {
    const begins = paths[(k + paths.length - 1) % paths.length]!;
    const mask = createPlanes(1, ends.length, width);
    for (let y = 0; y < ends.length; y++) {
      const start = y * width + left;
      mask.data.fill(1, start + begins[y]!, start + ends[y]! + pitch);
    }
    return mask;
  });
}

/** Planes whose column `first` comes first, those before it last. */
function rolled({ channels, height, width, data }: Planes, first: number): Planes {
  const turned = createPlanes(channels, height, width);
  for (let start = 0; start < data.length; start += width) {
    turned.data.set(data.subarray(start + first, start + width), start);
    turned.data.set(data.subarray(start, start + first), start + width - first);
  }
  return turned;
}
