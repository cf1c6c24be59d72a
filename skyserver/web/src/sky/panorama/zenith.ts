/**
 * The sky overhead: a picture laid over the pole and joined with the band round the horizon.
 *
 * An equirectangular image stretches its top rows into a star. So everything near the pole happens
 * in the azimuthal equidistant projection (projection.ts).
 */

import { roundHalfEven } from "../rounding";
import { extend } from "./harmonic";
import { createPlanes, meanOfRows, mirrored, type Planes } from "./planes";
import { Projection } from "./projection";
import { expand, feather, masked } from "./pyramid";
import { closedCut } from "./seam";
import { smoothstep } from "./smoothstep";

// Elevations in degrees.
const CUT = { from: 46, to: 63 }; // between these the cap gives way to the band
const RIM = 54; // here their light is made to agree
const RIM_ROWS = [-4, -2, 0, 2, 4]; // degrees from `RIM` that stand for it
const HANDOVER = { from: 39, to: 45 }; // below, the band's own texels; above, the projection's
const FOOT = 22; // the projection ends here, out of reach of the blend
const RIM_ORDERS = 8; // harmonics round the rim that count as light
const COARSE = 4; // the light is worked out at a quarter of the resolution

/**
 * The sky half (3, W / 4, W) from a band and the picture overhead, all on the tone scale.
 *
 * band: (3, rows, W), its bottom row at the horizon, W / 360 rows to a degree of elevation, reaching
 * above `CUT`. cap: (3, W / 4, W / 4), 90 degrees across, its middle at the zenith. W / 4 is a
 * multiple of 2^levels, levels at least 2.
 */
export function cover(band: Planes, cap: Planes, levels: number): Planes {
  const scale = band.width / 360; // texels to a degree
  const grain = 2 ** levels;
  const size = roundHalfEven((2 * (90 - FOOT) * scale) / grain) * grain;
  const projection = new Projection(size, scale);
  const beneath = projection.show(band);
  const difference = lay(cap, beneath, band, projection);
  const mask = capMask(difference, projection, band.width / 4);
  const upper = masked(difference, feather(mask, levels - 1), levels);
  const plane = size * size;
  for (let i = 0; i < plane; i++) {
    const share = handover(projection.elevations[i]!);
    for (let at = i; at < upper.data.length; at += plane) {
      upper.data[at]! += share * beneath.data[at]!;
    }
  }
  return handOver(band, upper, projection);
}

/**
 * How the cap, in the light of the band, differs from the band. `beneath` is the band in the
 * projection; where there is no band it gets the band's light.
 */
function lay(cap: Planes, beneath: Planes, band: Planes, projection: Projection): Planes {
  const { size, scale } = projection;
  const before = Math.floor((size - cap.width) / 2);
  const after = size - cap.width - before;
  const around = { above: before, below: after, left: before, right: after };
  const difference = mirrored(cap, around);
  const coarse = new Projection(size / COARSE, scale / COARSE).points(RIM);
  const light = (planes: Planes) => {
    const rows = RIM_ROWS.map((offset) => RIM + offset);
    const rim = meanOfRows(projection.unroll(planes, rows, band.width / 4));
    return expand(expand(extend(rim, coarse, RIM_ORDERS)));
  };
  const bandLight = light(beneath).data;
  const capLight = light(difference).data;
  for (let i = 0; i < bandLight.length; i++) {
    const elevation = projection.elevations[i % (size * size)]!;
    if (elevation * scale > band.height - 1) beneath.data[i] = bandLight[i]!;
    difference.data[i]! += bandLight[i]! - capLight[i]! - beneath.data[i]!;
  }
  return difference;
}

/**
 * 1 where the cap shows: inside the closed path round the pole on which it differs least from the
 * band. The path has `angles` steps.
 */
function capMask(difference: Planes, projection: Projection, angles: number): Planes {
  const { scale } = projection;
  const width = roundHalfEven((CUT.to - CUT.from) * scale);
  const elevations = Array.from({ length: width }, (_, step) => CUT.from + step / scale);
  const seen = projection.unroll(difference, elevations, angles);
  const cost = { steps: angles, width, data: new Float32Array(angles * width) };
  for (let line = 0, i = 0; line < seen.channels * width; line++) {
    for (let angle = 0; angle < angles; angle++, i++) {
      cost.data[angle * width + (line % width)]! += Math.abs(seen.data[i]!);
    }
  }
  const path = createPlanes(1, 1, angles);
  path.data.set(closedCut(cost));
  const mask = projection.show(path);
  for (let i = 0; i < mask.data.length; i++) {
    const place = (projection.elevations[i]! - CUT.from) * scale;
    mask.data[i] = Math.min(1, Math.max(0, place - mask.data[i]! + 0.5));
  }
  return mask;
}

/** The sky half of the panorama: the band's own texels below, the projection's above. */
function handOver(band: Planes, upper: Planes, projection: Projection): Planes {
  const { scale } = projection;
  const sky = createPlanes(3, band.width / 4, band.width);
  const elevations = Array.from(
    { length: Math.floor((90 - FOOT) * scale - 1) },
    (_, y) => 90 - (y + 0.5) / scale,
  );
  const top = projection.unroll(upper, elevations, sky.width);
  for (let c = 0; c < 3; c++) {
    for (let y = 0; y < sky.height; y++) {
      const to = (c * sky.height + y) * sky.width;
      const fromTop = (c * top.height + y) * sky.width;
      const bandRow = y - (sky.height - band.height);
      const fromBand = (c * band.height + bandRow) * sky.width;
      const share = 1 - handover(90 - (y + 0.5) / scale);
      for (let x = 0; x < sky.width; x++) {
        const above = y < top.height ? top.data[fromTop + x]! : 0;
        sky.data[to + x] = bandRow < 0 ? above : above + share * band.data[fromBand + x]!;
      }
    }
  }
  return sky;
}

/** Share of the projection at an elevation: 0 below `HANDOVER`, 1 above, smooth between. */
function handover(elevation: number): number {
  return smoothstep((elevation - HANDOVER.from) / (HANDOVER.to - HANDOVER.from));
}
