/** A panorama all around the viewer, in A-Frame. This module brings A-Frame with it: import it when there is a sky. */

import aframe, { type Entity, type Scene } from "aframe";

/** Fetches code from another host when somebody presses its keys or has its name in the address. */
delete aframe.components["inspector"];

const FIELD_OF_VIEW = 80; // degrees, vertically
const FIRST_PITCH = 0.45; // radians: the horizon lies low, the clouds are in the middle
const STRAIGHT_UP = Math.PI / 2;
const RADIUS = 500; // metres; anything within the camera's reach looks the same
const RESTLESS = 600; // milliseconds that frames go on for after a change

/** Why there can be no scene. */
export class NoWebGl extends Error {}

export class SkyScene {
  private readonly scene: Scene;
  private readonly camera: Entity;
  private readonly material = new aframe.THREE.MeshBasicMaterial({ side: aframe.THREE.BackSide, toneMapped: false });
  private readonly size: ResizeObserver;
  private rest: ReturnType<typeof setTimeout> | undefined;

  /** Fills `host`. `onLost` is called when the browser takes the graphics away. Throws `NoWebGl`. */
  constructor(host: HTMLElement, onLost: () => void) {
    // A-Frame itself throws where nobody can catch it
    if (document.createElement("canvas").getContext("webgl2") === null) throw new NoWebGl();
    this.scene = element<Scene>("a-scene", {
      embedded: "",
      "xr-mode-ui": "enabled: false",
      "device-orientation-permission-ui": "enabled: false",
      "keyboard-shortcuts": "enterVR: false",
      "loading-screen": "enabled: false",
      renderer: "antialias: true",
    });
    this.camera = element("a-entity", {
      camera: `fov: ${FIELD_OF_VIEW}`,
      "look-controls": "mouseEnabled: false; touchEnabled: false",
    });
    const sky = element("a-entity", {});
    sky.addEventListener("loaded", () => sky.setObject3D("mesh", sphere(this.material)));
    this.camera.addEventListener("loaded", () => this.turn(0, FIRST_PITCH));
    this.scene.append(this.camera, sky);
    this.scene.addEventListener("render-target-loaded", () => {
      this.scene.canvas.addEventListener("webglcontextlost", onLost);
    });
    this.scene.addEventListener("renderstart", this.wake);
    addEventListener("deviceorientation", this.wake);
    host.append(this.scene);
    this.size = new ResizeObserver(() => {
      this.scene.resize();
      this.wake();
    });
    this.size.observe(host);
  }

  /** Draws frames for a while: a sky stands still, and what it would cost belongs to the next one and the battery. */
  private readonly wake = (): void => {
    if (!this.scene.renderStarted) return;
    const { renderer } = this.scene;
    if (this.rest === undefined) renderer.setAnimationLoop(this.scene.render);
    clearTimeout(this.rest);
    this.rest = setTimeout(() => {
      this.rest = undefined;
      if (this.scene.is("vr-mode")) this.wake();
      else renderer.setAnimationLoop(null);
    }, RESTLESS);
  };

  /** Shows a panorama in Unity's orientation: the middle of its width is ahead. */
  show(panorama: ImageBitmap): void {
    const { CanvasTexture, LinearMipmapLinearFilter, RepeatWrapping, SRGBColorSpace } = aframe.THREE;
    const canvas = document.createElement("canvas");
    canvas.width = panorama.width;
    canvas.height = panorama.height;
    canvas.getContext("2d")?.drawImage(panorama, 0, 0);
    const texture = new CanvasTexture(canvas);
    texture.colorSpace = SRGBColorSpace;
    texture.wrapS = RepeatWrapping; // the two edges are neighbours
    texture.minFilter = LinearMipmapLinearFilter;
    texture.anisotropy = 4;
    this.material.map?.dispose();
    this.material.map = texture;
    this.material.needsUpdate = true;
    this.wake();
  }

  /** Turns the viewer by radians, to the left and upwards. */
  turn(left: number, up: number): void {
    const controls = this.camera.components["look-controls"];
    if (controls === undefined) return; // not loaded yet
    controls.yawObject.rotation.y += left;
    const { rotation } = controls.pitchObject;
    rotation.x = Math.min(STRAIGHT_UP, Math.max(-STRAIGHT_UP, rotation.x + up));
    this.wake();
  }

  /** Radians that a pixel of the view stands for, in its middle. */
  get radiansPerPixel(): number {
    return (FIELD_OF_VIEW * Math.PI) / 180 / this.scene.clientHeight;
  }

  enterVr(): void {
    this.wake();
    void this.scene.enterVR();
  }

  /** Tells A-Frame that the device's sensors may be read (Safari asks its user). */
  allowMotion(): void {
    this.scene.dispatchEvent(new CustomEvent("deviceorientationpermissiongranted"));
  }

  close(): void {
    this.size.disconnect();
    clearTimeout(this.rest);
    removeEventListener("deviceorientation", this.wake);
    this.material.map?.dispose();
    this.material.dispose();
    this.scene.remove();
  }
}

function element<E extends Entity>(name: string, attributes: Record<string, string>): E {
  const made = document.createElement(name) as E;
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  return made;
}

function sphere(material: InstanceType<typeof aframe.THREE.MeshBasicMaterial>) {
  const { Mesh, SphereGeometry } = aframe.THREE;
  const mesh = new Mesh(new SphereGeometry(RADIUS, 64, 32), material);
  mesh.scale.x = -1; // seen from inside, u grows to the right
  mesh.rotation.y = -Math.PI / 2; // u = 1/2 is ahead, at -Z
  return mesh;
}
