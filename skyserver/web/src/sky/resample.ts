import type { Image } from "./image";

/**
 * Picture (width, height) of a picture, anti-aliased when it shrinks. `wraps`: it is an
 * equirectangular panorama (`width` is even), whose left and right edges meet.
 */
export declare function resize(image: Image, width: number, height: number, wraps?: boolean): Image;
