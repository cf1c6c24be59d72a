/** Small functions of one number, as numpy and Python have them. */

/**
 * The nearest integer; halves go to the even one. Sizes that Python computes too must be equal, or
 * nothing that is made with them is.
 */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const above = value - below;
  return above > 0.5 || (above === 0.5 && below % 2 !== 0) ? below + 1 : below;
}

/** The remainder of a division, 0 or more whatever the sign of `value`. */
export function modulo(value: number, size: number): number {
  return ((value % size) + size) % size;
}

/** The nearest number in [0, 1]. */
export function clip(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** From 0 for t up to 0 to 1 for t from 1 on, without a kink. */
export function smoothstep(t: number): number {
  const inside = clip(t);
  return inside * inside * (3 - 2 * inside);
}

export function radians(degrees: number): number {
  return (degrees * Math.PI) / 180;
}
