/** The sky all around: drag, touch, arrow keys, the device's own motion, a headset. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Sky } from "../engine/protocol";
import { Icon } from "./icons";
import type { SkyScene } from "./sky-scene";

const KEY_STEP = Math.PI / 24; // radians
const KEYS: Readonly<Record<string, readonly [left: number, up: number]>> = {
  ArrowLeft: [KEY_STEP, 0],
  ArrowRight: [-KEY_STEP, 0],
  ArrowUp: [0, KEY_STEP],
  ArrowDown: [0, -KEY_STEP],
};

/** The code of the view, or null where it cannot be had. */
export async function loadView() {
  return import("./sky-scene").catch(() => null);
}

export interface AroundProps {
  readonly sky: Sky;
  /** There is no view any more, or there never was; the sentence says why. */
  readonly onLost: (why: string) => void;
}

export function Around({ sky, onLost }: AroundProps) {
  const host = useRef<HTMLDivElement>(null);
  const grip = useRef({ x: 0, y: 0 }); // where the pointer was, in pixels
  const [scene, setScene] = useState<SkyScene | null>(null);

  useEffect(() => openScene(host.current, setScene, onLost), []);
  useEffect(() => scene?.show(sky.preview), [scene, sky]);

  function onKeyDown(event: KeyboardEvent): void {
    const step = KEYS[event.key];
    if (step === undefined || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    scene?.turn(...step);
  }

  function onPointerDown(event: PointerEvent): void {
    host.current?.setPointerCapture(event.pointerId);
    grip.current = { x: event.clientX, y: event.clientY };
  }

  function onPointerMove(event: PointerEvent): void {
    if (scene === null || !host.current?.hasPointerCapture(event.pointerId)) return;
    const { x, y } = grip.current;
    grip.current = { x: event.clientX, y: event.clientY };
    scene.turn((event.clientX - x) * scene.radiansPerPixel, (event.clientY - y) * scene.radiansPerPixel);
  }

  return (
    <>
      <div
        ref={host}
        class="around"
        data-testid="around"
        data-ready={scene !== null}
        role="application"
        aria-label="The sky around you. Drag, or use the arrow keys, to look about."
        tabIndex={0}
        onKeyDown={onKeyDown}
        onPointerDown={onPointerDown}
        onPointerMove={onPointerMove}
      />
      {scene !== null && <Ways scene={scene} />}
    </>
  );
}

/** Opens the scene in `host`; the result closes it. */
function openScene(
  host: HTMLElement | null,
  onOpen: (scene: SkyScene | null) => void,
  onLost: (why: string) => void,
): () => void {
  let opened: SkyScene | null = null;
  let closed = false;
  const lost = () => onLost("The browser took the graphics away, so the sky lies flat for now.");

  async function open(): Promise<void> {
    const loaded = await loadView();
    if (closed || host === null) return;
    if (loaded === null) {
      onLost("The view around you did not load, so the sky lies flat. Reload the page when you are online.");
      return;
    }
    try {
      opened = new loaded.SkyScene(host, lost);
      onOpen(opened);
    } catch (error) {
      if (!(error instanceof loaded.NoWebGl)) throw error;
      onLost("This browser has no WebGL here, so the sky lies flat.");
    }
  }

  void open();
  return () => {
    closed = true;
    opened?.close();
    onOpen(null);
  };
}

/** Ways to look that only some devices have. */
function Ways({ scene }: { scene: SkyScene }) {
  const headset = useHeadset();
  const [moving, setMoving] = useState(false);
  const ask = motionPermission();
  return (
    <div class="ways">
      {headset && (
        <button type="button" class="on-picture" data-testid="vr" onClick={() => scene.enterVr()}>
          <Icon name="headset" /> Headset
        </button>
      )}
      {ask !== undefined && !moving && (
        <button
          type="button"
          class="on-picture"
          data-testid="motion"
          onClick={async () => {
            if ((await ask()) !== "granted") return;
            scene.allowMotion();
            setMoving(true);
          }}
        >
          <Icon name="motion" /> Look by turning the phone
        </button>
      )}
    </div>
  );
}

function useHeadset(): boolean {
  const [present, setPresent] = useState(false);
  useEffect(() => {
    const { xr } = navigator as { xr?: { isSessionSupported(mode: string): Promise<boolean> } };
    xr?.isSessionSupported("immersive-vr").then(setPresent, () => setPresent(false));
  }, []);
  return present;
}

/** How to ask for the sensors, where the browser wants to be asked (Safari on phones); elsewhere they are just there. */
function motionPermission(): (() => Promise<string>) | undefined {
  if (typeof DeviceOrientationEvent === "undefined") return undefined;
  const event = DeviceOrientationEvent as { requestPermission?: () => Promise<string> };
  return event.requestPermission?.bind(event);
}
