/** From 0 for t up to 0 to 1 for t from 1 on, without a kink. */
export function smoothstep(t: number): number {
  const inside = Math.min(1, Math.max(0, t));
  return inside * inside * (3 - 2 * inside);
}
