/**
 * Interpolation of pictures with quadratic B-splines.
 *
 * A quadratic B-spline that passes through all samples has nine taps, yet keeps more of a picture
 * than the sixteen of bicubic convolution, at the price of one filter over the picture beforehand.
 * Source: Unser, "Splines: a perfect fit for signal and image processing", IEEE Signal Processing
 * Magazine 16(6), 1999: interpolation with splines of degree 2, whose pole is sqrt(8) - 3.
 *
 * A grid is a picture with `MARGIN` texels more on every side, which hold what lies beyond its edge.
 */

import type { Image } from "./image";
import { clip } from "./numbers";

const POLE = Math.sqrt(8) - 3;

/** Taps reach out 2 texels; 8 more, and |POLE|^n is lost in float32. */
export const MARGIN = 10;

/** Turn a grid's samples into the coefficients of the spline through them, in place. */
export function toCoefficients(grid: Image): void {
  const { width, height, data } = grid;
  const line = 3 * width;
  const gain = (-8 * POLE) ** 2;
  for (let i = 0; i < data.length; i++) data[i]! *= gain;
  for (let y = 0; y < height; y++) {
    const start = line * y;
    const end = start + line;
    for (let i = start + 3; i < end; i++) data[i]! += POLE * data[i - 3]!;
    for (let i = end - 4; i >= start; i--) data[i]! += POLE * data[i + 3]!;
  }
  for (let i = line; i < data.length; i++) data[i]! += POLE * data[i - line]!;
  for (let i = data.length - line - 1; i >= 0; i--) data[i]! += POLE * data[i + line]!;
}

/**
 * Write red, green and blue of a spline at column x and row y of its picture, whose first texel has
 * its centre at (0, 0), to `made` from index `at` on, clipped to [0, 1]: splines overshoot at hard
 * edges. `grid` holds coefficients; x and y lie at most a texel outside of the picture.
 */
export function sample(grid: Image, x: number, y: number, made: Float32Array, at: number): void {
  const { width, data } = grid;
  const column = Math.round(x);
  const row = Math.round(y);
  const dx = x - column;
  const dy = y - row;
  const left = 0.5 * (0.5 - dx) ** 2;
  const middle = 0.75 - dx * dx;
  const right = 0.5 * (0.5 + dx) ** 2;
  let red = 0;
  let green = 0;
  let blue = 0;
  let tap = 3 * ((row + MARGIN - 1) * width + column + MARGIN - 1);
  for (let j = -1; j <= 1; j++, tap += 3 * width) {
    const down = j === 0 ? 0.75 - dy * dy : 0.5 * (0.5 + j * dy) ** 2;
    red += down * (left * data[tap]! + middle * data[tap + 3]! + right * data[tap + 6]!);
    green += down * (left * data[tap + 1]! + middle * data[tap + 4]! + right * data[tap + 7]!);
    blue += down * (left * data[tap + 2]! + middle * data[tap + 5]! + right * data[tap + 8]!);
  }
  made[at] = clip(red);
  made[at + 1] = clip(green);
  made[at + 2] = clip(blue);
}
