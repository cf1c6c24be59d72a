/**
 * How each engine is oriented: its axes, its cube faces and its panorama, in one table.
 *
 * The page works in Unity's convention and turns to another engine's at the very end. Where the
 * table comes from stands in skyserver/orientation.py, which has the same one.
 */

/** An axis of a scene or of the cubemap's table. */
type Axis = "+X" | "-X" | "+Y" | "-Y" | "+Z" | "-Z";

export type Vector = readonly [x: number, y: number, z: number];

/** Rows of a 3 x 3 matrix. */
export type Matrix = readonly [Vector, Vector, Vector];

/** An engine that a sky can be exported for. */
export type OrientationName = keyof typeof ORIENTATIONS;

/**
 * What the faces +X -X +Y -Y +Z -Z show, in the order of every list of faces: a row is (right, down,
 * centre), and the place a, b of the face, both from -1 to 1, a to the right and b down, shows the
 * direction a right + b down + centre. OpenGL 4.6 core, table 8.19.
 */
export const FACE_FRAMES: readonly Matrix[] = [
  frame("-Z", "-Y", "+X"),
  frame("+Z", "-Y", "-X"),
  frame("+X", "+Z", "+Y"),
  frame("+X", "-Z", "-Y"),
  frame("+X", "-Y", "+Z"),
  frame("-X", "-Y", "-Z"),
];

/**
 * An engine's axes. `right`, `up` and `forward` are what a player sees there before turning;
 * `centre` is the direction in the middle of a panorama, whose u grows to the player's right.
 */
interface Orientation {
  readonly right: Axis;
  readonly up: Axis;
  readonly forward: Axis;
  readonly centre: Axis;
  /** The engine negates x before it looks a direction up in a cubemap. */
  readonly lookupFlipsX: boolean;
}

export const ORIENTATIONS = {
  unity: { right: "+X", up: "+Y", forward: "+Z", centre: "+X", lookupFlipsX: false },
  opengl: { right: "+X", up: "+Y", forward: "-Z", centre: "+X", lookupFlipsX: false },
  unreal: { right: "+Y", up: "+Z", forward: "+X", centre: "-Y", lookupFlipsX: false },
  threejs: { right: "+X", up: "+Y", forward: "-Z", centre: "+X", lookupFlipsX: true },
} as const satisfies Record<string, Orientation>;

/** From vectors of the face table to what Unity calls the same directions. */
export function lookupToUnity(name: OrientationName): Matrix {
  const { right, up, forward, lookupFlipsX }: Orientation = ORIENTATIONS[name];
  const flip = lookupFlipsX ? -1 : 1;
  const row = (axis: Axis): Vector => {
    const [x, y, z] = vector(axis);
    return [flip * x, y, z];
  };
  return [row(right), row(up), row(forward)];
}

/** Yaw of the panorama's centre in degrees, clockwise from forward as seen from above. */
export function centreYaw(name: OrientationName): number {
  const { right, forward, centre }: Orientation = ORIENTATIONS[name];
  const towards = vector(centre);
  const radians = Math.atan2(dot(vector(right), towards), dot(vector(forward), towards));
  return Math.round((radians * 180) / Math.PI);
}

export function dot(a: Vector, b: Vector): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

function frame(right: Axis, down: Axis, centre: Axis): Matrix {
  return [vector(right), vector(down), vector(centre)];
}

function vector(axis: Axis): Vector {
  const sign = axis[0] === "+" ? 1 : -1;
  return [axis[1] === "X" ? sign : 0, axis[1] === "Y" ? sign : 0, axis[1] === "Z" ? sign : 0];
}
