/**
 * The azimuthal equidistant projection, in which the zenith is a point like any other: looking
 * straight up, x to the right and y down, the bottom edge towards the middle of the panorama.
 */

import { radians } from "../numbers";
import { type Points, stereographic } from "./harmonic";
import { createPlaces, Lookup } from "./lookup";
import type { Planes } from "./planes";

/** A projection (size, size) with its middle at the zenith and `scale` texels to a degree. */
export class Projection {
  /** Elevation of each texel in degrees. */
  readonly elevations: Float64Array;
  /** Angle of each texel about the pole, 0 to 2 pi as in the panorama's columns. */
  readonly angles: Float64Array;

  constructor(
    readonly size: number,
    readonly scale: number,
  ) {
    this.elevations = new Float64Array(size * size);
    this.angles = new Float64Array(size * size);
    for (let row = 0, i = 0; row < size; row++) {
      const y = row + 0.5 - size / 2;
      for (let column = 0; column < size; column++, i++) {
        const x = column + 0.5 - size / 2;
        this.elevations[i] = 90 - Math.sqrt(x * x + y * y) / scale;
        this.angles[i] = Math.PI + Math.atan2(x, y);
      }
    }
  }

  /**
   * What lies round the circle, seen in the projection: `band` has as many columns as it likes, its
   * bottom row at the horizon and `scale` rows to a degree; beyond its rows it goes on as they end.
   */
  show(band: Planes): Planes {
    const places = createPlaces(this.size, this.size);
    for (let i = 0; i < places.rows.length; i++) {
      places.rows[i] = band.height - this.elevations[i]! * this.scale;
      places.columns[i] = (this.angles[i]! / (2 * Math.PI)) * band.width;
    }
    return new Lookup(places, band, true).read(band);
  }

  /**
   * What planes in the projection show round the circle: a row for each of `elevations`, in degrees,
   * and `columns` texels round.
   */
  unroll(planes: Planes, elevations: readonly number[], columns: number): Planes {
    const places = createPlaces(elevations.length, columns);
    for (let x = 0; x < columns; x++) {
      const angle = ((x + 0.5) * 2 * Math.PI) / columns;
      const sine = Math.sin(angle);
      const cosine = Math.cos(angle);
      for (const [y, elevation] of elevations.entries()) {
        const reach = (90 - elevation) * this.scale;
        places.rows[y * columns + x] = this.size / 2 - reach * cosine;
        places.columns[y * columns + x] = this.size / 2 - reach * sine;
      }
    }
    return new Lookup(places, planes).read(planes);
  }

  /** The texels as points of the projection that makes the circle at elevation `rim` the unit one. */
  points(rim: number): Points {
    return stereographic(
      {
        height: this.size,
        width: this.size,
        distance: this.elevations.map((elevation) => radians(90 - elevation)),
        angle: this.angles,
      },
      radians(90 - rim),
    );
  }
}
