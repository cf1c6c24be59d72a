/**
 * Rounding as Python has it: halves to the even neighbour. Sizes that both compute must be equal,
 * or nothing that is made with them is.
 */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const above = value - below;
  return above > 0.5 || (above === 0.5 && below % 2 !== 0) ? below + 1 : below;
}
