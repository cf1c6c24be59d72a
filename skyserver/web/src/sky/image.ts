/** Pictures as the whole of src/sky has them. */

/**
 * A picture: rows from the top, texels from the left, red, green and blue of a texel side by side,
 * so that channel c at (x, y) is `data[3 * (y * width + x) + c]`. Values are sRGB in [0, 1].
 */
export interface Image {
  readonly width: number;
  readonly height: number;
  readonly channels: 3;
  readonly data: Float32Array<ArrayBuffer>;
}

/** A black picture. */
export function createImage(width: number, height: number): Image {
  return { width, height, channels: 3, data: new Float32Array(3 * width * height) };
}
