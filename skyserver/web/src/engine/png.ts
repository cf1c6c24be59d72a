/**
 * PNG files of 8-bit RGB, as skyserver/png.py writes them. A canvas would add an alpha channel that
 * no sky needs, and some browsers add noise to what they read from a canvas.
 *
 * Source: Portable Network Graphics (PNG) Specification, W3C.
 */

import type { Image } from "../sky/image";

type Bytes = Uint8Array<ArrayBuffer>;

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const EIGHT_BIT_RGB = [8, 2, 0, 0, 0]; // no interlacing
const PERCEPTUAL = 0; // the rendering intent of a picture
const SUB = 1; // the filter that leaves differences to the texel on the left

/** The file of a picture; the same picture gives the same bytes. */
export async function toPng(image: Image): Promise<Blob> {
  const packed = new Blob([filteredLines(image)]).stream().pipeThrough(new CompressionStream("deflate"));
  const chunks = [
    ...chunk("IHDR", header(image)),
    ...chunk("sRGB", Uint8Array.of(PERCEPTUAL)),
    ...chunk("IDAT", new Uint8Array(await new Response(packed).arrayBuffer())),
    ...chunk("IEND", new Uint8Array()),
  ];
  return new Blob([SIGNATURE, ...chunks], { type: "image/png" });
}

function header({ width, height }: Image): Bytes {
  const bytes = new Uint8Array(8 + EIGHT_BIT_RGB.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  bytes.set(EIGHT_BIT_RGB, 8);
  return bytes;
}

/** Lines (height, 1 + 3 width): the filter's number, then differences, which wrap round. */
function filteredLines({ width, height, data }: Image): Bytes {
  const length = 3 * width;
  const line = new Uint8ClampedArray(length); // clamped: it rounds to the nearest, as numpy does
  const lines = new Uint8Array(height * (1 + length));
  for (let y = 0, to = 0; y < height; y++) {
    for (let x = 0; x < length; x++) line[x] = 255 * (data[y * length + x] ?? 0);
    lines[to++] = SUB;
    for (let x = 0; x < length; x++) lines[to++] = (line[x] ?? 0) - (line[x - 3] ?? 0);
  }
  return lines;
}

/** Length, name, body and checksum. */
function chunk(name: string, body: Bytes): Bytes[] {
  const label = Uint8Array.from(name, (letter) => letter.charCodeAt(0));
  return [bigEndian(body.length), label, body, bigEndian(checksum(body, checksum(label)))];
}

function bigEndian(value: number): Bytes {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

const CHECKSUMS = Uint32Array.from({ length: 256 }, (_, byte) => {
  for (let bit = 0; bit < 8; bit++) byte = byte & 1 ? 0xedb88320 ^ (byte >>> 1) : byte >>> 1;
  return byte;
});

/** CRC-32 of bytes that follow those of checksum `before`. */
function checksum(bytes: Bytes, before = 0): number {
  let crc = ~before;
  for (const byte of bytes) crc = (CHECKSUMS[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}
