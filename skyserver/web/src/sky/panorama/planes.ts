/** Pictures channel by channel, as everything between flat pictures and the panorama has them. */

import { createImage, type Image } from "../image";

/** Channel c at (x, y) is `data[(c * height + y) * width + x]`. */
export interface Planes {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly data: Float32Array;
}

/** Planes of zeros. */
export function createPlanes(channels: number, height: number, width: number): Planes {
  return { channels, height, width, data: new Float32Array(channels * height * width) };
}

/** Planes of the same size, each value made by `change` of the old one and its index. */
export function mapPlanes(
  { channels, height, width, data }: Planes,
  change: (value: number, index: number) => number,
): Planes {
  const made = createPlanes(channels, height, width);
  for (let i = 0; i < data.length; i++) made.data[i] = change(data[i]!, i);
  return made;
}

/** Means (channels, 1, width) of rows `start` to `stop`. */
export function meanOfRows(planes: Planes, start = 0, stop = planes.height): Planes {
  const { channels, height, width, data } = planes;
  const means = createPlanes(channels, 1, width);
  for (let i = 0; i < means.data.length; i++) {
    const top = Math.floor(i / width) * height * width + (i % width);
    let sum = 0;
    for (let y = start; y < stop; y++) sum += data[top + y * width]!;
    means.data[i] = sum / (stop - start);
  }
  return means;
}

/** Planes with texels added at each side that go on as in a mirror on the outermost texel. */
export function mirrored(
  planes: Planes,
  { above = 0, below = 0, left = 0, right = 0 },
): Planes {
  const { channels, height, width, data } = planes;
  const padded = createPlanes(channels, above + height + below, left + width + right);
  for (let c = 0, to = 0; c < channels; c++) {
    for (let y = -above; y < height + below; y++) {
      const line = (c * height + reflect(y, height)) * width;
      for (let x = -left; x < width + right; x++) padded.data[to++] = data[line + reflect(x, width)]!;
    }
  }
  return padded;
}

function reflect(place: number, size: number): number {
  const inside = Math.abs(place);
  return inside < size ? inside : 2 * (size - 1) - inside;
}

/** Three planes of a picture. */
export function toPlanes(image: Image): Planes {
  const { width, height, data } = image;
  const planes = createPlanes(3, height, width);
  const plane = width * height;
  for (let i = 0; i < plane; i++) {
    planes.data[i] = data[3 * i]!;
    planes.data[plane + i] = data[3 * i + 1]!;
    planes.data[2 * plane + i] = data[3 * i + 2]!;
  }
  return planes;
}

/** A picture of three planes. */
export function toImage(planes: Planes): Image {
  const { width, height, data } = planes;
  const image = createImage(width, height);
  const plane = width * height;
  for (let i = 0; i < plane; i++) {
    image.data[3 * i] = data[i]!;
    image.data[3 * i + 1] = data[plane + i]!;
    image.data[3 * i + 2] = data[2 * plane + i]!;
  }
  return image;
}
