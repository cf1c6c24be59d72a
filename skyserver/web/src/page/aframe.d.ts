/** The part of A-Frame and of its three.js that the page uses; neither has types of its own. */

declare module "aframe" {
  interface Object3D {
    readonly rotation: { x: number; y: number; z: number };
    readonly scale: { x: number; y: number; z: number };
  }

  interface Texture {
    colorSpace: string;
    wrapS: number;
    minFilter: number;
    anisotropy: number;
    dispose(): void;
  }

  interface Material {
    map: Texture | null;
    needsUpdate: boolean;
    dispose(): void;
  }

  interface Three {
    readonly CanvasTexture: new (canvas: HTMLCanvasElement) => Texture;
    readonly Mesh: new (geometry: object, material: Material) => Object3D;
    readonly MeshBasicMaterial: new (parameters: { side: number; toneMapped: boolean }) => Material;
    readonly SphereGeometry: new (radius: number, columns: number, rows: number) => object;
    readonly BackSide: number;
    readonly LinearMipmapLinearFilter: number;
    readonly RepeatWrapping: number;
    readonly SRGBColorSpace: string;
  }

  export interface Entity extends HTMLElement {
    setObject3D(name: string, object: Object3D): void;
    readonly components: {
      /** What the device's sensors say is added to these two. */
      readonly "look-controls"?: { readonly yawObject: Object3D; readonly pitchObject: Object3D };
    };
  }

  export interface Scene extends Entity {
    readonly canvas: HTMLCanvasElement;
    readonly renderer: { setAnimationLoop(frame: (() => void) | null): void };
    readonly renderStarted: boolean;
    is(state: "vr-mode"): boolean;
    render(): void;
    resize(): void;
    enterVR(): Promise<void>;
  }

  const aframe: { readonly THREE: Three; readonly components: Record<string, unknown> };
  export default aframe;
}
