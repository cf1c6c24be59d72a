/**
 * A harmonic function on a spherical cap, from its values on the rim.
 *
 * The smoothest surface through given values on a circle solves Laplace's equation: the m-th
 * harmonic of the rim fades towards the pole as r^m (Poisson's integral), where r is the radius in
 * the stereographic projection, which is conformal and so keeps harmonic functions harmonic. The
 * value at the pole is the mean of the rim. No streak and no pinch can arise, and the rim closes
 * exactly.
 */

import { createPlanes, type Planes } from "./planes";

/** Where texels (height, width) lie on a sphere: from its pole and about it, in radians. */
export interface Polar {
  readonly height: number;
  readonly width: number;
  readonly distance: Float64Array;
  readonly angle: Float64Array;
}

/** Points (height, width) of the complex plane. */
export interface Points {
  readonly height: number;
  readonly width: number;
  readonly real: Float32Array;
  readonly imaginary: Float32Array;
}

/** Points of the projection in which the circle at distance `rim` is the unit circle. */
export function stereographic({ height, width, distance, angle }: Polar, rim: number): Points {
  const radius = Float32Array.from(distance, (from) => Math.tan(from / 2) / Math.tan(rim / 2));
  const real = radius.map((length, i) => length * Math.cos(angle[i]!));
  const imaginary = radius.map((length, i) => length * Math.sin(angle[i]!));
  return { height, width, real, imaginary };
}

/**
 * Values (c, height, width) at `points` from the `rim` (c, 1, w).
 *
 * Rim sample i stands at angle 2 pi (i + 0.5) / w. Harmonics from `orders` on are left out. Outside
 * the rim (|z| > 1) the function would blow up: such points take the rim's value.
 */
export function extend(rim: Planes, points: Points, orders: number): Planes {
  const count = points.height * points.width;
  const values = createPlanes(rim.channels, points.height, points.width);
  for (let c = 0; c < rim.channels; c++) {
    const own = rim.data.subarray(c * rim.width, (c + 1) * rim.width);
    const { cosines, sines } = harmonics(own, orders);
    for (let i = 0; i < count; i++) {
      const outside = Math.max(1, Math.hypot(points.real[i]!, points.imaginary[i]!));
      const x = points.real[i]! / outside;
      const y = points.imaginary[i]! / outside;
      let real = 0;
      let imaginary = 0;
      for (let m = cosines.length - 1; m >= 0; m--) {
        // Horner's rule: value = value * z + coefficient
        const product = real * x - imaginary * y;
        imaginary = real * y + imaginary * x - sines[m]!;
        real = product + cosines[m]!;
      }
      values.data[c * count + i] = real;
    }
  }
  return values;
}

/** Fourier series of the low-passed rim: sum of cosines[m] cos(m angle) + sines[m] sin(m angle). */
function harmonics(
  rim: Float32Array,
  orders: number,
): { cosines: Float64Array; sines: Float64Array } {
  const count = Math.min(orders, Math.floor(rim.length / 2) + 1);
  const cosines = new Float64Array(count);
  const sines = new Float64Array(count);
  for (let m = 0; m < count; m++) {
    const scale = (m === 0 ? 1 : 2) / rim.length;
    for (let i = 0; i < rim.length; i++) {
      const angle = (m * 2 * Math.PI * (i + 0.5)) / rim.length;
      cosines[m]! += scale * rim[i]! * Math.cos(angle);
      sines[m]! += scale * rim[i]! * Math.sin(angle);
    }
  }
  return { cosines, sines };
}
