/** What lies below the horizon of a skybox: haze, the sky mirrored, or a colour. */

import { radians, roundHalfEven, smoothstep } from "../numbers";
import { extend, type Points, stereographic } from "./harmonic";
import { createPlanes, meanOfRows, type Planes } from "./planes";
import { expand } from "./pyramid";
import { soften } from "./soften";

const VEIL = 9; // degrees above the horizon at which the sky begins to fade into the haze
const HAZE_ORDERS = 24; // harmonics round the horizon that the haze has
const HAZE_DEPTH = 5; // degrees: how far down the haze at the horizon already is
const NADIR_SHADE = 0.7; // brightness at the nadir; light comes from above
const COLOUR_EDGE = 4; // degrees below the horizon over which the sky gives way to a colour
const SOFT_EDGE = 12; // degrees below the horizon over which a reflection gets soft
const COARSE = 4; // haze is smooth: it is worked out at a quarter of the resolution

/**
 * The whole equirectangular image (3, 2 h, w) from its sky half (3, h, w), h = w / 4.
 *
 * `below` is `haze` (the horizon's colours, blurred more and more with depth, down to one at the
 * nadir), `mirror` (the sky reflected in slightly rough water) or a colour #rrggbb. h is a multiple
 * of 4.
 */
export function addGround(sky: Planes, below: string): Planes {
  if (below === "haze") return withHaze(sky);
  if (below === "mirror") return withReflection(sky, soften(sky), SOFT_EDGE);
  return withReflection(sky, plain(sky, below), COLOUR_EDGE);
}

/** The sky, and below it the sky mirrored, giving way to `deep`, mirrored too, within `degrees`. */
function withReflection(sky: Planes, deep: Planes, degrees: number): Planes {
  const { height, width } = sky;
  const whole = withRoomBelow(sky);
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < height; y++) {
      const share = smoothstep((((y + 0.5) / height) * 90) / degrees);
      const from = ((c + 1) * height - 1 - y) * width;
      const to = (c * whole.height + height + y) * width;
      for (let x = 0; x < width; x++) {
        whole.data[to + x] = (1 - share) * sky.data[from + x]! + share * deep.data[from + x]!;
      }
    }
  }
  return whole;
}

function withHaze(sky: Planes): Planes {
  const { height, width } = sky;
  const degree = height / 90;
  const horizon = meanOfRows(
    sky,
    height - roundHalfEven(1.3 * VEIL * degree),
    height - roundHalfEven(0.3 * VEIL * degree),
  );
  const veil = Math.max(1, roundHalfEven((VEIL * degree) / COARSE)) * COARSE; // rows
  const coarse = extend(horizon, hazePoints(height, width, veil), HAZE_ORDERS);
  const haze = expand(expand(coarse, true), true);
  const whole = withRoomBelow(sky);
  for (let c = 0; c < 3; c++) {
    for (let y = height - veil; y < 2 * height; y++) {
      const clear = smoothstep((height - y - 0.5) / veil);
      const shade = 1 - (1 - NADIR_SHADE) * smoothstep((y + 0.5 - height) / height);
      const from = (c * haze.height + y - (height - veil)) * width;
      const to = (c * whole.height + y) * width;
      for (let x = 0; x < width; x++) {
        const veiled = clear * whole.data[to + x]! + (1 - clear) * haze.data[from + x]!;
        whole.data[to + x] = shade * veiled;
      }
    }
  }
  return whole;
}

/** From the top of the veil to the nadir; the veil takes the colours of the horizon. */
function hazePoints(height: number, width: number, veil: number): Points {
  const size = { height: (height + veil) / COARSE, width: width / COARSE };
  const distance = new Float64Array(size.height * size.width);
  const angle = new Float64Array(size.height * size.width);
  for (let i = 0; i < angle.length; i++) {
    const row = (Math.floor(i / size.width) + 0.5) * COARSE - veil;
    const depth = Math.max((row / height) * 90, 0);
    distance[i] = radians(((90 - depth) * (90 - HAZE_DEPTH)) / 90);
    angle[i] = (((i % size.width) + 0.5) * 2 * Math.PI) / size.width;
  }
  return stereographic({ ...size, distance, angle }, Math.PI / 2);
}

/** Planes of the size of `sky` in a colour #rrggbb. */
function plain(sky: Planes, colour: string): Planes {
  const planes = createPlanes(3, sky.height, sky.width);
  const plane = sky.height * sky.width;
  for (let c = 0; c < 3; c++) {
    const value = parseInt(colour.slice(1 + 2 * c, 3 + 2 * c), 16) / 255;
    planes.data.fill(value, c * plane, (c + 1) * plane);
  }
  return planes;
}

/** The sky with as many rows below the horizon, which are yet to be filled in. */
function withRoomBelow(sky: Planes): Planes {
  const plane = sky.height * sky.width;
  const whole = createPlanes(3, 2 * sky.height, sky.width);
  for (let c = 0; c < 3; c++) {
    whole.data.set(sky.data.subarray(c * plane, (c + 1) * plane), 2 * c * plane);
  }
  return whole;
}
