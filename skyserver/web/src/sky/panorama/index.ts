import type { Image } from "../image";

/** How pictures become a circle. */
export type Method = "blend" | "mirror";

/**
 * A panorama (2 H, H) from pictures of one sky, `ring` from left to right round the horizon.
 * `mirror` uses ring[0] alone. `below` is `haze`, `mirror` or a colour #rrggbb.
 */
export declare function compose(ring: readonly Image[], zenith: Image, method: Method, below: string): Image;
