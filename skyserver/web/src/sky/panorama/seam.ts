/**
 * The least visible cut through the overlap of two pictures.
 *
 * The minimum error boundary cut of Efros and Freeman, "Image Quilting for Texture Synthesis and
 * Transfer", SIGGRAPH 2001, section 2.1: the cheapest path through the overlap, one texel per step,
 * moving by at most one texel sideways, found by dynamic programming.
 */

/** What it costs to pass each place: step s, place p is `data[s * width + p]`. */
export interface Cost {
  readonly steps: number;
  readonly width: number;
  readonly data: Float32Array;
}

/**
 * The cheapest path through `cost`: a place for each step, from step to step at most 1 aside.
 */
export function cut(cost: Cost): Int32Array {
  const total = accumulate(cost);
  const last = total.subarray(total.length - cost.width);
  return backtrack(cost, total, last.indexOf(Math.min(...last)));
}

/**
 * A cheap path whose last place is at most 1 from its first. The best open path over two rounds
 * chooses where to start; the path through that place is then the cheapest there is.
 */
export function closedCut({ steps, width, data }: Cost): Int32Array {
  const twice = new Float32Array(2 * data.length);
  twice.set(data);
  twice.set(data, data.length);
  const start = cut({ steps: 2 * steps, width, data: twice })[steps]!;
  const closing = { steps: steps + 1, width, data: twice.slice(0, (steps + 1) * width) };
  for (let place = 0; place < width; place++) if (place !== start) closing.data[place] = Infinity;
  return backtrack(closing, accumulate(closing), start).subarray(0, steps);
}

/** Cost of the cheapest path that ends at each place of each step. */
function accumulate({ steps, width, data }: Cost): Float32Array {
  const total = data.slice();
  for (let step = 1; step < steps; step++) {
    const before = (step - 1) * width;
    for (let place = 0; place < width; place++) {
      total[step * width + place]! += total[cheapest(total, before, place, width)]!;
    }
  }
  return total;
}

/** The path that leads to the place `end`, read backwards from the costs. */
function backtrack({ steps, width }: Cost, total: Float32Array, end: number): Int32Array {
  const path = new Int32Array(steps);
  path[steps - 1] = end;
  for (let step = steps - 2; step >= 0; step--) {
    path[step] = cheapest(total, step * width, path[step + 1]!, width) - step * width;
  }
  return path;
}

/** Index of the least of a place and its neighbours in the line that starts at `line`. */
function cheapest(total: Float32Array, line: number, place: number, width: number): number {
  const last = line + Math.min(place + 1, width - 1);
  let best = line + Math.max(place - 1, 0);
  for (let i = best + 1; i <= last; i++) if (total[i]! < total[best]!) best = i;
  return best;
}
