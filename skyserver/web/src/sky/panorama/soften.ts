/** The blur of a reflection in slightly rough water. */

import { radians } from "../numbers";
import { createPlanes, type Planes } from "./planes";

const SOFTNESS = 0.7; // degrees, standard deviation of the blur
const NEGLIGIBLE = 1e-7; // of a weight: lost in float32

/**
 * The sky half of a panorama (3, h, w), h = w / 4, under a Gaussian blur as wide at the pole as at
 * the horizon, where a degree has fewer columns.
 */
export function soften(sky: Planes): Planes {
  return blurDown(blurAcross(sky));
}

function blurAcross(sky: Planes): Planes {
  const { channels, height, width, data } = sky;
  const soft = createPlanes(channels, height, width);
  const cosines = Float64Array.from({ length: width }, (_, i) => Math.cos((2 * Math.PI * i) / width));
  const padded = new Float32Array(2 * width);
  for (let y = 0; y < height; y++) {
    const sigma = radians(SOFTNESS) / Math.sin((((y + 0.5) / height) * Math.PI) / 2);
    const weights = circularGaussian(sigma, cosines);
    for (let line = y; line < channels * height; line += height) {
      const source = data.subarray(line * width, (line + 1) * width);
      padded.set(source.subarray(width / 2)); // half of the circle on either side
      padded.set(source, width / 2);
      padded.set(source.subarray(0, width / 2), (3 * width) / 2);
      const made = soft.data.subarray(line * width, (line + 1) * width);
      for (const [j, weight] of weights.entries()) {
        const left = width / 2 - j;
        const right = width / 2 + j;
        for (let x = 0; x < width; x++) {
          made[x]! += weight * (padded[left + x]! + padded[right + x]!);
        }
      }
    }
  }
  return soft;
}

/**
 * Weights of the samples j to the left and j to the right on a circle of `cosines.length` samples,
 * j from 0 to half of it at most: the band-limited Gaussian of standard deviation `sigma` in
 * radians. Its harmonics are exp(-(k sigma)² / 2).
 */
function circularGaussian(sigma: number, cosines: Float64Array): number[] {
  const count = cosines.length;
  const half = count / 2;
  const harmonics: number[] = [];
  for (let k = 1; k <= half; k++) {
    const harmonic = Math.exp(-0.5 * (k * sigma) ** 2);
    if (harmonic < NEGLIGIBLE) break;
    harmonics.push(k === half ? harmonic : 2 * harmonic); // the negative ones of a real signal
  }
  const weights: number[] = [];
  const far = (6 * sigma * count) / (2 * Math.PI);
  for (let j = 0; j <= half; j++) {
    let sum = 1;
    for (let k = 0; k < harmonics.length; k++) sum += harmonics[k]! * cosines[(j * (k + 1)) % count]!;
    const weight = sum / count;
    if (j > far && Math.abs(weight) < NEGLIGIBLE) break;
    weights.push(j === 0 || j === half ? weight / 2 : weight); // left and right are the same sample
  }
  return weights;
}

function blurDown(sky: Planes): Planes {
  const { channels, height, width, data } = sky;
  const soft = createPlanes(channels, height, width);
  const sigma = (SOFTNESS * height) / 90;
  const reach = Math.ceil(6 * sigma);
  for (let line = 0; line < channels * height; line++) {
    const y = line % height;
    const first = Math.max(-reach, -y);
    const last = Math.min(reach, height - 1 - y);
    const weights: number[] = [];
    for (let j = first; j <= last; j++) weights.push(Math.exp(-0.5 * (j / sigma) ** 2));
    const sum = weights.reduce((total, weight) => total + weight);
    const made = soft.data.subarray(line * width, (line + 1) * width);
    for (const [n, weight] of weights.entries()) {
      const from = (line + first + n) * width;
      for (let x = 0; x < width; x++) made[x]! += (weight / sum) * data[from + x]!;
    }
  }
  return soft;
}
