import type { Image } from "./image";
import type { OrientationName } from "./orientation";

/** Six faces, size x size, in the order of `FACES`, of a panorama (2 H, H) in Unity's orientation. */
export declare function equirectToFaces(
  panorama: Image,
  size: number,
  orientation: OrientationName,
): Image[];

/** A panorama turned from one engine's orientation to another's, same texels. */
export declare function reorient(
  panorama: Image,
  source: OrientationName,
  target: OrientationName,
): Image;
