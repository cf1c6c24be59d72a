/**
 * Equirectangular panorama -> six cube faces, and its turn for other engines.
 *
 * A panorama is in Unity's orientation (orientation.ts) unless one is named: the texel with its
 * centre at u = (x + 0.5) / W, v = (y + 0.5) / H lies at the azimuth atan2(z, x) = (0.5 - u) 2 pi,
 * pi v away from the zenith.
 *
 * Values are read from a spline through the texels (spline.ts). A panorama that is finer than the
 * faces is resized first (resample.ts), so that nothing aliases: a face counts as fine as a panorama
 * four times as wide.
 */

import { createImage, type Image } from "./image";
import {
  centreYaw,
  dot,
  FACE_FRAMES,
  lookupToUnity,
  type Matrix,
  type OrientationName,
  type Vector,
} from "./orientation";
import { extend, resize } from "./resample";
import { MARGIN, sample, toCoefficients } from "./spline";

/** Cube faces +X -X +Y -Y +Z -Z, size x size, of a panorama (2 H, H). */
export function equirectToFaces(
  panorama: Image,
  size: number,
  orientation: OrientationName,
): Image[] {
  const fine =
    panorama.width > 4 * size ? resize(panorama, 4 * size, 2 * size, true) : panorama;
  const grid = extend(fine, MARGIN);
  toCoefficients(grid);
  const toUnity = lookupToUnity(orientation);
  return FACE_FRAMES.map(([right, down, centre]) =>
    drawFace(grid, [turn(toUnity, right), turn(toUnity, down), turn(toUnity, centre)], size),
  );
}

/** A panorama (2 H, H), same texels, turned from one engine's orientation to another's. */
export function reorient(
  panorama: Image,
  source: OrientationName,
  target: OrientationName,
): Image {
  const { width, height, data } = panorama;
  const turned = createImage(width, height);
  const degrees = centreYaw(source) - centreYaw(target) + 360;
  const shift = 3 * (Math.floor((degrees * width) / 360) % width);
  const line = 3 * width;
  for (let start = 0; start < data.length; start += line) {
    const wrap = start + line - shift;
    turned.data.set(data.subarray(start, wrap), start + shift);
    turned.data.set(data.subarray(wrap, start + line), start);
  }
  return turned;
}

/**
 * What lies in the directions centre + a right + b down, a and b being texel centres from -1 to 1,
 * of the panorama whose spline is `grid`.
 */
function drawFace(grid: Image, [right, down, centre]: Matrix, size: number): Image {
  const face = createImage(size, size);
  const width = grid.width - 2 * MARGIN;
  const texelsPerRadian = width / (2 * Math.PI);
  for (let row = 0, at = 0; row < size; row++) {
    const b = ((row + 0.5) * 2) / size - 1;
    for (let column = 0; column < size; column++, at += 3) {
      const a = ((column + 0.5) * 2) / size - 1;
      const x = centre[0] + a * right[0] + b * down[0];
      const y = centre[1] + a * right[1] + b * down[1];
      const z = centre[2] + a * right[2] + b * down[2];
      const azimuth = Math.atan2(z, x);
      const polar = Math.atan2(Math.sqrt(x * x + z * z), y);
      const there = (width - 1) / 2 - azimuth * texelsPerRadian;
      sample(grid, there, polar * texelsPerRadian - 0.5, face.data, at);
    }
  }
  return face;
}

function turn(matrix: Matrix, vector: Vector): Vector {
  return [dot(matrix[0], vector), dot(matrix[1], vector), dot(matrix[2], vector)];
}
