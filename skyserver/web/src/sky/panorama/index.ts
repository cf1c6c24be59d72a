/** From a handful of flat pictures of the sky to one seamless equirectangular panorama. */

import { createImage, type Image } from "../image";
import { roundHalfEven } from "../numbers";
import { resize } from "../resample";
import { addGround } from "./ground";
import { fromTone, match, toTone } from "./levelling";
import { type Planes, toImage, toPlanes } from "./planes";
import { join } from "./ring";
import { bandTiles, skyOf } from "./tile";
import { cover } from "./zenith";

/** How pictures become a circle: all of them cut and blended, or the first and its mirror image. */
export type Method = "blend" | "mirror";

const BAND_TOP = 67.5; // degrees of elevation that the band round the horizon reaches
const OVERLAP = 0.45; // of a picture's share of the circle is shared with the next
const MIN_SPAN = 70; // degrees: narrower pictures would look squeezed; they overlap more
const CAP_SHARE = 0.8; // of the picture overhead: what is lowest in it belongs lower down
const FEW = 2; // so few pictures go round twice: opposite views may repeat, streaks are worse
const EDGES = { least: 64, most: 1024 }; // texels of a picture that are used

/**
 * A panorama (2 H, H) from pictures of one sky, all of one size, seen as photographs: the bottom row
 * near the horizon, the top row high in the sky. 2 H is about four times the smaller edge of a
 * picture; the horizon is the middle row.
 *
 * `blend` lays `ring`, left to right, round the circle, cut and blended, and closes the sky with
 * `zenith` (one or two pictures go round twice); `mirror` is the simple way: the left half of
 * ring[0] and its flipped half, stretched. `below` is `haze`, `mirror` or a colour #rrggbb.
 */
export function compose(
  ring: readonly Image[],
  zenith: Image,
  method: Method,
  below: string,
): Image {
  const sky = method === "blend" ? blend(ring, zenith) : mirror(ring[0]!);
  return toImage(addGround(sky, below));
}

function blend(ring: readonly Image[], zenith: Image): Planes {
  const pictures = ring.length <= FEW ? [...ring, ...ring] : ring;
  const { pitch, levels } = grid(pictures[0]!, pictures.length);
  const width = pitch * pictures.length;
  const grain = 2 ** levels;
  const height = Math.ceil(((BAND_TOP / 360) * width) / grain) * grain;
  const share = Math.max(OVERLAP, (MIN_SPAN / 360) * pictures.length - 1);
  const tiles = bandTiles(pictures, height, pitch + roundHalfEven(pitch * share), pitch);
  const band = join(match(tiles.map(toTone)), pitch, levels);
  const cap = toTone(skyOf(zenith, width / 4, width / 4, CAP_SHARE));
  return fromTone(cover(band, cap, levels));
}

/**
 * Columns of a picture's share of the circle, and octave bands of the blends.
 *
 * The share is a multiple of 4 * 2^bands, so that a quarter of the circle has whole texels on every
 * band.
 */
function grid(picture: Image, count: number): { pitch: number; levels: number } {
  const smaller = Math.min(picture.height, picture.width);
  const edge = Math.min(EDGES.most, Math.max(EDGES.least, smaller));
  const levels = Math.floor(Math.log2(Math.min(edge, (4 * edge) / count) / 8));
  const unit = 4 * 2 ** levels;
  return { pitch: unit * roundHalfEven((4 * edge) / count / unit), levels };
}

function mirror(picture: Image): Planes {
  const { pitch } = grid(picture, 1);
  return toPlanes(resize(besideItsMirror(picture), pitch, pitch / 4));
}

/** The left half of a picture, with its middle column, and that half flipped. */
function besideItsMirror(picture: Image): Image {
  const half = Math.ceil(picture.width / 2);
  const whole = createImage(2 * half, picture.height);
  for (let i = 0; i < whole.data.length; i++) {
    const channel = i % 3;
    const column = Math.floor(i / 3) % whole.width;
    const row = Math.floor(i / 3 / whole.width);
    const source = Math.min(column, whole.width - 1 - column);
    whole.data[i] = picture.data[3 * (row * picture.width + source) + channel]!;
  }
  return whole;
}
