/**
 * Resize pictures with Lanczos' filter, wide enough not to alias when they shrink.
 *
 * The filter is a windowed sinc of three lobes (Turkowski, "Filters for common resampling tasks",
 * Graphics Gems I, 1990), stretched by the ratio when it shrinks; Pillow's LANCZOS is the same. On a
 * panorama the taps wrap round in x and go on beyond the poles.
 */

import { createImage, type Image } from "./image";
import { clip, modulo } from "./numbers";

const LOBES = 3;

/**
 * Picture (width, height) of a picture.
 *
 * `wraps`: it is an equirectangular panorama (its width is even), whose left and right edges meet
 * and whose columns go on beyond a pole half a turn away.
 */
export function resize(image: Image, width: number, height: number, wraps = false): Image {
  if (!wraps) return resizeInterior(image, 0, width, height);
  const ratio = Math.max(image.width / width, image.height / height);
  const margin = Math.ceil(LOBES * Math.max(1, ratio)) + 1;
  return resizeInterior(extend(image, margin), margin, width, height);
}

/** What lies in and `margin` texels round a panorama: (W + 2 margin, H + 2 margin). */
export function extend(panorama: Image, margin: number): Image {
  const { width, height, data } = panorama;
  const extended = createImage(width + 2 * margin, height + 2 * margin);
  for (let row = 0; row < extended.height; row++) {
    // A column goes down to the pole and up again on the far side: a circle of 2 H texels.
    const there = modulo(row - margin, 2 * height);
    const beyond = there >= height;
    const source = 3 * width * (beyond ? 2 * height - 1 - there : there);
    const target = 3 * extended.width * row;
    const turn = margin - (beyond ? width / 2 : 0);
    for (let column = 0; column < extended.width; column++) {
      const from = source + 3 * modulo(column - turn, width);
      const to = target + 3 * column;
      extended.data[to] = data[from]!;
      extended.data[to + 1] = data[from + 1]!;
      extended.data[to + 2] = data[from + 2]!;
    }
  }
  return extended;
}

/**
 * Picture (width, height) of a picture without `margin` texels all round, which are there for the
 * filter's taps. Values are clipped to [0, 1], because the filter overshoots at hard edges.
 */
function resizeInterior(image: Image, margin: number, width: number, height: number): Image {
  const resized =
    height < image.height
      ? resizeAcross(resizeDown(image, margin, height), margin, width)
      : resizeDown(resizeAcross(image, margin, width), margin, height);
  const { data } = resized;
  for (let i = 0; i < data.length; i++) data[i] = clip(data[i]!);
  return resized;
}

function resizeDown({ width, height: rows, data }: Image, margin: number, height: number): Image {
  const { first, taps, weights } = lanczos(rows, margin, height);
  const resized = createImage(width, height);
  const line = 3 * width;
  const sums = new Float64Array(line);
  for (let y = 0, tap = 0; y < height; y++) {
    sums.fill(0);
    let from = line * first[y]!;
    for (let n = 0; n < taps; n++, tap++) {
      const weight = weights[tap]!;
      for (let i = 0; i < line; i++, from++) sums[i]! += weight * data[from]!;
    }
    resized.data.set(sums, line * y);
  }
  return resized;
}

function resizeAcross(image: Image, margin: number, width: number): Image {
  const { data } = image;
  const { first, taps, weights } = lanczos(image.width, margin, width);
  const resized = createImage(width, image.height);
  for (let y = 0, to = 0; y < image.height; y++) {
    for (let x = 0, tap = 0; x < width; x++) {
      let red = 0;
      let green = 0;
      let blue = 0;
      let from = 3 * (y * image.width + first[x]!);
      for (let n = 0; n < taps; n++, tap++) {
        const weight = weights[tap]!;
        red += weight * data[from++]!;
        green += weight * data[from++]!;
        blue += weight * data[from++]!;
      }
      resized.data[to++] = red;
      resized.data[to++] = green;
      resized.data[to++] = blue;
    }
  }
  return resized;
}

/** How each texel of a line is made: `taps` texels from `first` on, times its `weights`. */
interface Filter {
  readonly first: Int32Array;
  readonly taps: number;
  readonly weights: Float32Array;
}

/** Makes `count` texels of those of a line of `size`, without `margin` at either end. */
function lanczos(size: number, margin: number, count: number): Filter {
  const ratio = (size - 2 * margin) / count;
  const stretch = Math.max(1, ratio);
  const support = LOBES * stretch;
  const taps = Math.min(size, Math.ceil(2 * support));
  const first = new Int32Array(count);
  const weights = new Float32Array(count * taps);
  for (let i = 0; i < count; i++) {
    const centre = margin + (i + 0.5) * ratio;
    const start = Math.max(0, Math.min(size - taps, Math.ceil(centre - support - 0.5)));
    const own = Array.from({ length: taps }, (_, n) => kernel((start + n + 0.5 - centre) / stretch));
    const sum = own.reduce((total, weight) => total + weight);
    first[i] = start;
    weights.set(own.map((weight) => weight / sum), i * taps);
  }
  return { first, taps, weights };
}

function kernel(x: number): number {
  return Math.abs(x) < LOBES ? sinc(x) * sinc(x / LOBES) : 0;
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}
