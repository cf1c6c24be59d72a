/**
 * Where the ground begins in a picture of the sky.
 *
 * Many photographs of clouds end in a dark silhouette: trees, hills, roofs. At the horizon of a sky
 * those would stand cut off at every join and colour the haze, so the picture is taken as ending
 * above them.
 */

import type { Image } from "../image";
import { roundHalfEven } from "../numbers";

const MAX_GROUND = 0.4; // of the height: what is darker than that far up is weather, not ground
const MIN_STEP = 0.11; // fall of luminance from sky to ground that counts
const MARGIN = 0.04; // by which ground is darker than any of the sky: the base of a cloud is not
const MIN_HEIGHT = 16; // rows: in less than that nothing can be told
const REACH = 0.08; // of the height: rows on either side of the step that are compared

/** Number of rows, from the top of `picture`, above its ground; its height without ground. */
export function skyRows(picture: Image): number {
  const { height } = picture;
  if (height < MIN_HEIGHT) return height;
  const reach = roundHalfEven(REACH * height);
  const sums = sumsOfRows(picture);
  /** Mean of the `reach` rows from `start` on. */
  const window = (start: number) => (sums[start + reach]! - sums[start]!) / reach;

  const firstEdge = roundHalfEven((1 - MAX_GROUND) * height);
  let darkestSky = Infinity;
  let bestFall = -Infinity;
  let bestEdge = firstEdge;
  for (let start = 0; start < firstEdge - reach; start++) {
    darkestSky = Math.min(darkestSky, window(start));
  }
  for (let edge = firstEdge; edge < height - Math.floor(reach / 2); edge++) {
    const above = window(edge - reach);
    const below = window(Math.min(edge, height - reach));
    const ground = (sums[height]! - sums[edge]!) / (height - edge);
    darkestSky = Math.min(darkestSky, above);
    const fall = ground > darkestSky - MARGIN ? 0 : above - Math.max(below, ground);
    if (fall > bestFall) {
      bestFall = fall;
      bestEdge = edge;
    }
  }
  return bestFall < MIN_STEP ? height : bestEdge - Math.floor(reach / 2);
}

/** The sum of the means of the first n rows, for n from 0 to the height. */
function sumsOfRows({ width, height, data }: Image): Float64Array {
  const sums = new Float64Array(height + 1);
  for (let y = 0, i = 0; y < height; y++) {
    let sum = 0;
    for (const end = i + 3 * width; i < end; i++) sum += data[i]!;
    sums[y + 1] = sums[y]! + sum / (3 * width);
  }
  return sums;
}
