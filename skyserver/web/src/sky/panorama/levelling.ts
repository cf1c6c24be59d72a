/**
 * Bring the light of different pictures together, over the widest way there is.
 *
 * Neighbours round the circle are different pictures: other exposure, other tint. Multi-band
 * blending joins over a few degrees only. Here each picture is first drawn towards the common tone,
 * by part of the way so that the sky keeps its variety, and then what is left of the difference at
 * each join is shared out smoothly over the whole width of the two pictures.
 */

import { clip } from "../numbers";
import { createPlanes, mapPlanes, type Planes } from "./planes";

const TONE_PULL = 0.6; // how far a picture's mean goes towards the common one
const CONTRAST_PULL = 0.5; // how far its standard deviation does
const TOE = 0.08; // keeps the tone scale finite at black and white

/** From [0, 1] to a scale on which light can be added without ever leaving [0, 1] (a logit). */
export function toTone(planes: Planes): Planes {
  return mapPlanes(planes, (value) => Math.log((value + TOE) / (1 + TOE - value)));
}

/** The inverse of `toTone`, clipped to [0, 1]. */
export function fromTone(tones: Planes): Planes {
  return mapPlanes(tones, (tone) => {
    const power = Math.exp(tone);
    return clip((power * (1 + TOE) - TOE) / (1 + power));
  });
}

/** Draw each picture's mean and contrast, per channel, towards those of all. */
export function match(tones: readonly Planes[]): Planes[] {
  const matched = tones.map((picture) => ({ ...picture, data: picture.data.slice() }));
  for (let channel = 0; channel < 3; channel++) {
    const found = tones.map((picture) => statistics(picture, channel));
    const commonMean = mean(found.map(({ mean }) => mean));
    const commonSpread = Math.exp(mean(found.map(({ spread }) => Math.log(spread))));
    for (const [k, { data, height, width }] of matched.entries()) {
      const own = found[k]!;
      const gain = (commonSpread / own.spread) ** CONTRAST_PULL;
      const target = own.mean + TONE_PULL * (commonMean - own.mean);
      const plane = height * width;
      for (let i = channel * plane; i < (channel + 1) * plane; i++) {
        data[i] = data[i]! * gain + (target - own.mean * gain);
      }
    }
  }
  return matched;
}

/** Mean and standard deviation of every fourth texel of a channel, both ways. */
function statistics(tones: Planes, channel: number): { mean: number; spread: number } {
  const { height, width, data } = tones;
  const values: number[] = [];
  for (let y = 0; y < height; y += 4) {
    for (let x = 0; x < width; x += 4) values.push(data[(channel * height + y) * width + x]!);
  }
  const middle = mean(values);
  const variance = mean(values.map((value) => (value - middle) ** 2));
  return { mean: middle, spread: Math.sqrt(variance) + 1e-3 };
}

/**
 * Make the broad light of neighbours round a ring agree where they overlap.
 *
 * The last `overlap` columns of tile k show the same directions as the first of tile k + 1. Half of
 * the smooth difference of the two is added at either side and fades away across each picture.
 */
export function levelJoins(tiles: readonly Planes[], overlap: number): Planes[] {
  const halves = tiles.map((tile, k) => halfOfStep(tile, tiles[(k + 1) % tiles.length]!, overlap));
  return tiles.map(({ channels, height, width, data }, k) => {
    const after = halves[k]!.data;
    const before = halves[(k + tiles.length - 1) % tiles.length]!.data;
    const rising = Float32Array.from({ length: width }, (_, x) =>
      clip((x + 0.5 - overlap) / (width - 2 * overlap)),
    );
    const levelled = createPlanes(channels, height, width);
    for (let line = 0, i = 0; line < after.length; line++) {
      for (let x = 0; x < width; x++, i++) {
        const change = after[line]! * rising[x]! - before[line]! * (1 - rising[x]!);
        levelled.data[i] = data[i]! + change;
      }
    }
    return levelled;
  });
}

/** Half of how much brighter the next tile is at the join, smooth from top to bottom. */
function halfOfStep(tile: Planes, following: Planes, overlap: number): Planes {
  const ends = meanOfColumns(tile, tile.width - overlap, tile.width);
  const steps = meanOfColumns(following, 0, overlap);
  for (let i = 0; i < steps.data.length; i++) {
    steps.data[i] = 0.5 * (steps.data[i]! - ends.data[i]!);
  }
  return smoothProfile(steps);
}

/** Means (channels, height, 1) of columns `start` to `stop`. */
function meanOfColumns(planes: Planes, start: number, stop: number): Planes {
  const { channels, height, width, data } = planes;
  const means = createPlanes(channels, height, 1);
  for (let line = 0; line < means.data.length; line++) {
    let sum = 0;
    for (let x = start; x < stop; x++) sum += data[line * width + x]!;
    means.data[line] = sum / (stop - start);
  }
  return means;
}

/** The quadratic in y that fits profiles (channels, height, 1) best: light, not clouds. */
function smoothProfile(profile: Planes): Planes {
  const { channels, height, data } = profile;
  const smooth = createPlanes(channels, height, 1);
  for (const basis of quadratics(height)) {
    for (let c = 0; c < channels; c++) {
      let share = 0;
      for (let y = 0; y < height; y++) share += basis[y]! * data[c * height + y]!;
      for (let y = 0; y < height; y++) smooth.data[c * height + y]! += share * basis[y]!;
    }
  }
  return smooth;
}

/** Orthonormal polynomials of degree 0, 1 and 2 on `count` equal steps. */
function quadratics(count: number): number[][] {
  const y = Array.from({ length: count }, (_, i) => (2 * i) / (count - 1) - 1);
  const squares = y.map((value) => value * value);
  const level = mean(squares);
  return [y.map(() => 1), y, squares.map((square) => square - level)].map((values) => {
    const length = Math.hypot(...values);
    return values.map((value) => value / length);
  });
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
