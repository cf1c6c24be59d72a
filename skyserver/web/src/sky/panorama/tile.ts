/**
 * A picture of the sky as a piece of the panorama: no ground, no frame, straight lines straight.
 *
 * A straight cloud base in a photograph is a great circle on the sky: it sinks to both sides of the
 * middle of the picture, tan(elevation) falling with the cosine of the azimuth. Rows laid out along
 * circles of equal elevation would bend it upwards instead, like a bowl, when the player looks up.
 */

import { createImage, type Image } from "../image";
import { radians, roundHalfEven } from "../numbers";
import { resize } from "../resample";
import { createPlaces, Lookup } from "./lookup";
import { type Planes, toPlanes } from "./planes";
import { skyRows } from "./skyline";

const TOP = 75; // degrees of elevation of a picture's top row, in its middle
const STRAIGHTNESS = 0.3; // power of the cosine; at 1 neighbours would meet in a V, at 0 bowls
const FRAME = 0.015; // of a picture's edges is left out: frames, vignettes, resampling
const FINER = 1.25; // rows that are kept for the bending, which interpolates between them

/** The upper `share` of the sky in `picture`, as planes (3, height, width). */
export function skyOf(picture: Image, height: number, width: number, share = 1): Planes {
  const above = roundHalfEven(FRAME * picture.height);
  const beside = roundHalfEven(FRAME * picture.width);
  const bottom = Math.ceil(share * Math.min(skyRows(picture), picture.height - above));
  const inside = crop(picture, beside, above, picture.width - beside, bottom);
  return toPlanes(resize(inside, width, height));
}

/**
 * Pictures as tiles (3, height, width) of the band round the horizon.
 *
 * The circle has n * pitch columns, and n * pitch / 360 rows to a degree of elevation, the bottom
 * row at the horizon.
 */
export function bandTiles(
  pictures: readonly Image[],
  height: number,
  width: number,
  pitch: number,
): Planes[] {
  const tall = roundHalfEven((TOP * FINER * pictures.length * pitch) / 360);
  const bend = bending(pictures.length, pitch, height, width, tall);
  return pictures.map((picture) => bend.read(skyOf(picture, tall, width)));
}

/** Where each texel of a tile lies in a picture of `tall` rows. */
function bending(
  count: number,
  pitch: number,
  height: number,
  width: number,
  tall: number,
): Lookup {
  const places = createPlaces(height, width);
  // Shares of the circle wider than 90 degrees would reach behind the camera.
  const degreesAcross = Math.min(90, 360 / count) / pitch;
  for (let x = 0; x < width; x++) {
    const azimuth = (x + 0.5 - width / 2) * degreesAcross;
    const sinking = Math.cos(radians(azimuth)) ** STRAIGHTNESS;
    for (let y = 0; y < height; y++) {
      const elevation = ((height - y - 0.5) * 360) / (count * pitch);
      const inMiddle = Math.atan(Math.tan(radians(elevation)) / sinking);
      places.rows[y * width + x] = tall * (1 - inMiddle / radians(TOP));
      places.columns[y * width + x] = x + 0.5;
    }
  }
  return new Lookup(places, { height: tall, width });
}

function crop(image: Image, left: number, top: number, right: number, bottom: number): Image {
  const cropped = createImage(right - left, bottom - top);
  for (let y = 0; y < cropped.height; y++) {
    const start = 3 * ((top + y) * image.width + left);
    cropped.data.set(image.data.subarray(start, start + 3 * cropped.width), 3 * cropped.width * y);
  }
  return cropped;
}
