/** Bilinear reading of planes at given places, with the places worked out once. */

import { modulo } from "../numbers";
import { createPlanes, type Planes } from "./planes";

/**
 * Where a picture (height, width) is read: rows and columns of another one, in texels with centres
 * at i + 0.5.
 */
export interface Places {
  readonly height: number;
  readonly width: number;
  readonly rows: Float64Array;
  readonly columns: Float64Array;
}

/** Places that are yet to be filled in. */
export function createPlaces(height: number, width: number): Places {
  const count = height * width;
  return { height, width, rows: new Float64Array(count), columns: new Float64Array(count) };
}

/** Reads planes of one size at fixed places. */
export class Lookup {
  readonly #height: number;
  readonly #width: number;
  /** Of each place the flat indices of the four texels round it, and their weights. */
  readonly #corners: Int32Array;
  readonly #weights: Float32Array;

  /**
   * `source` is the size of what will be read. Columns wrap round if `wraps`, else places outside
   * read the nearest texel.
   */
  constructor(places: Places, source: { height: number; width: number }, wraps = false) {
    this.#height = places.height;
    this.#width = places.width;
    const count = places.rows.length;
    this.#corners = new Int32Array(4 * count);
    this.#weights = new Float32Array(4 * count);
    for (let i = 0; i < count; i++) {
      const row = places.rows[i]! - 0.5;
      const column = places.columns[i]! - 0.5;
      const down = row - Math.floor(row);
      const across = column - Math.floor(column);
      const top = clamp(Math.floor(row), source.height) * source.width;
      const bottom = clamp(Math.floor(row) + 1, source.height) * source.width;
      const bound = wraps ? modulo : clamp;
      const left = bound(Math.floor(column), source.width);
      const right = bound(Math.floor(column) + 1, source.width);
      this.#corners[4 * i] = top + left;
      this.#corners[4 * i + 1] = top + right;
      this.#corners[4 * i + 2] = bottom + left;
      this.#corners[4 * i + 3] = bottom + right;
      this.#weights[4 * i] = (1 - down) * (1 - across);
      this.#weights[4 * i + 1] = (1 - down) * across;
      this.#weights[4 * i + 2] = down * (1 - across);
      this.#weights[4 * i + 3] = down * across;
    }
  }

  /** Values at the places: as many channels as `planes` has. */
  read(planes: Planes): Planes {
    const corners = this.#corners;
    const weights = this.#weights;
    const made = createPlanes(planes.channels, this.#height, this.#width);
    const plane = planes.height * planes.width;
    for (let c = 0, to = 0; c < planes.channels; c++) {
      const texels = planes.data.subarray(c * plane, (c + 1) * plane);
      for (let i = 0; i < corners.length; i += 4, to++) {
        made.data[to] =
          texels[corners[i]!]! * weights[i]! +
          texels[corners[i + 1]!]! * weights[i + 1]! +
          texels[corners[i + 2]!]! * weights[i + 2]! +
          texels[corners[i + 3]!]! * weights[i + 3]!;
      }
    }
    return made;
  }
}

function clamp(place: number, size: number): number {
  return Math.min(size - 1, Math.max(0, place));
}
