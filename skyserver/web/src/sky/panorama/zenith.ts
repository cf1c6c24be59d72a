/**
 * The sky overhead: a picture laid over the pole and joined with the band round the horizon.
 *
 * An equirectangular image stretches its top rows into a star. So everything near the pole happens
 * in the azimuthal equidistant projection (projection.ts).
 */

import { clip, roundHalfEven, smoothstep } from "../numbers";
import { extend } from "./harmonic";
import { createPlanes, mapPlanes, meanOfRows, mirrored, type Planes } from "./planes";
import { Projection } from "./projection";
import { expand, feather, masked } from "./pyramid";
import { closedCut } from "./seam";

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
  const { elevations } = projection;
  const shown = projection.show(band);
  const around = widened(cap, size);
  const bandLight = lightOf(shown, projection, band.width / 4).data;
  const capLight = lightOf(around, projection, band.width / 4).data;
  const plane = size * size;
  const beneath = mapPlanes(shown, (value, i) =>
    elevations[i % plane]! * scale > band.height - 1 ? bandLight[i]! : value,
  );
  const difference = mapPlanes(
    around,
    (value, i) => value + bandLight[i]! - capLight[i]! - beneath.data[i]!,
  );
  const mask = capMask(difference, projection, band.width / 4);
  const laid = masked(difference, feather(mask, levels - 1), levels);
  const upper = mapPlanes(
    laid,
    (value, i) => value + shareAbove(elevations[i % plane]!) * beneath.data[i]!,
  );
  return stacked(band, upper, projection);
}

/** The cap, mirrored at its edges, in the middle of planes (3, size, size). */
function widened(cap: Planes, size: number): Planes {
  const before = Math.floor((size - cap.width) / 2);
  const after = size - cap.width - before;
  return mirrored(cap, { above: before, below: after, left: before, right: after });
}

/** The smooth light of planes over the whole projection, from what they have round the rim. */
function lightOf(planes: Planes, projection: Projection, angles: number): Planes {
  const { size, scale } = projection;
  const rows = RIM_ROWS.map((offset) => RIM + offset);
  const rim = meanOfRows(projection.unroll(planes, rows, angles));
  const points = new Projection(size / COARSE, scale / COARSE).points(RIM);
  return expand(expand(extend(rim, points, RIM_ORDERS)));
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
  return mapPlanes(projection.show(path), (edge, i) =>
    clip((projection.elevations[i]! - CUT.from) * scale - edge + 0.5),
  );
}

/** The sky half of the panorama: the band's own texels below, the projection's above. */
function stacked(band: Planes, upper: Planes, projection: Projection): Planes {
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
      const share = 1 - shareAbove(90 - (y + 0.5) / scale);
      for (let x = 0; x < sky.width; x++) {
        const above = y < top.height ? top.data[fromTop + x]! : 0;
        sky.data[to + x] = bandRow < 0 ? above : above + share * band.data[fromBand + x]!;
      }
    }
  }
  return sky;
}

/** Share of the projection at an elevation: 0 below `HANDOVER`, 1 above, smooth between. */
function shareAbove(elevation: number): number {
  return smoothstep((elevation - HANDOVER.from) / (HANDOVER.to - HANDOVER.from));
}
