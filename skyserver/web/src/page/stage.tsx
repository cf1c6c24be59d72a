/** The sky itself, and what can be done with it. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Sky } from "../engine/protocol";
import { Around, loadView } from "./around";
import { Icon } from "./icons";
import { type Actions, nameOf, type Session } from "./session";
import { skyFacts, skyTitle } from "./texts";

/** Id of the element. */
const STAGE = "stage";

type View = "around" | "flat";

export interface StageProps {
  readonly session: Session;
  readonly actions: Actions;
  readonly onDownload: () => void;
  readonly onUnity: () => void;
}

export function Stage({ session, actions, onDownload, onUnity }: StageProps) {
  const { shown, skies, model, request, progress, problem } = session;
  const [view, setView] = useState<View>("around");
  const [lost, setLost] = useState<string | null>(null);
  const drawing = progress !== null;
  useEffect(() => void (drawing && loadView()), [drawing]); // to be there when the sky is
  // on a phone the controls are below the sky, and what went wrong is said between the two
  useEffect(() => void ((shown ?? problem) && document.getElementById(STAGE)?.scrollIntoView()), [shown, problem]);

  function look(wanted: View): void {
    setLost(null);
    setView(wanted);
  }

  if (shown === null) {
    const chosen = model.classes.find(({ code }) => code === request.cloud);
    return (
      <Frame>
        <Invitation picture={chosen?.thumbnail} />
      </Frame>
    );
  }
  const flat = view === "flat" || lost !== null;
  return (
    <Frame>
      {flat ? <Flat sky={shown} /> : <Around sky={shown} onLost={setLost} />}
      <div class="segments" role="group" aria-label="View">
        <button type="button" data-testid="view-around" aria-pressed={!flat} onClick={() => look("around")}>
          Around you
        </button>
        <button type="button" data-testid="view-flat" aria-pressed={flat} onClick={() => look("flat")}>
          Flat
        </button>
      </div>
      <div class="stage-foot">
        {lost !== null && (
          <p class="lost" role="alert" data-testid="lost">
            {lost}{" "}
            <button type="button" class="on-picture" data-testid="look-again" onClick={() => look("around")}>
              Look around again
            </button>
          </p>
        )}
        {skies.length > 1 && <Gallery skies={skies} shown={shown} onShow={actions.show} />}
        <div class="caption">
          <h2 data-testid="title">{skyTitle(shown.model, shown.request)}</h2>
          <p data-testid="facts">{skyFacts(shown)}</p>
        </div>
        <Tools sky={shown} drawing={drawing} onAnother={actions.another} onDownload={onDownload} onUnity={onUnity} />
      </div>
    </Frame>
  );
}

interface ToolsProps {
  readonly sky: Sky;
  readonly drawing: boolean;
  readonly onAnother: () => void;
  readonly onDownload: () => void;
  readonly onUnity: () => void;
}

function Tools({ sky, drawing, onAnother, onDownload, onUnity }: ToolsProps) {
  return (
    <div class="tools">
      <button type="button" class="on-picture" data-testid="another" disabled={drawing} onClick={onAnother}>
        <Icon name="again" /> Another
      </button>
      <button type="button" class="on-picture" data-testid="open-download" onClick={onDownload}>
        <Icon name="download" /> Download
      </button>
      <button type="button" class="on-picture" data-testid="open-unity" onClick={onUnity}>
        <Icon name="cube" /> In Unity
      </button>
      <CopyLink sky={sky} />
      <FullScreen />
    </div>
  );
}

/** Before there is a sky. */
export function Invitation({ picture }: { picture?: string | undefined }) {
  return (
    <div class="invitation">
      {picture !== undefined && <img key={picture} src={picture} alt="" />}
      <div class="words">
        <p class="headline">
          Pick a cloud.
          <br />
          Stand under it.
        </p>
        <p>A small model in this page draws a sky that closes all around you. Nothing is sent anywhere.</p>
      </div>
    </div>
  );
}

export function Frame({ children }: { children: ComponentChildren }) {
  return (
    <main class="stage" id={STAGE}>
      {children}
      <h1 class="brand">
        <Icon name="cloud" /> SkyServer
      </h1>
    </main>
  );
}

function Flat({ sky }: { sky: Sky }) {
  return (
    <div class="flat" role="img" aria-label={`Panorama: ${skyTitle(sky.model, sky.request)}`} data-testid="flat">
      <Preview sky={sky} width={sky.width} />
    </div>
  );
}

/** The panorama, `width` pixels wide. */
function Preview({ sky, width }: { sky: Sky; width: number }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    context.imageSmoothingQuality = "high";
    context.drawImage(sky.preview, 0, 0, width, width / 2);
  }, [sky, width]);
  return <canvas ref={canvas} width={width} height={width / 2} />;
}

interface GalleryProps {
  readonly skies: readonly Sky[];
  readonly shown: Sky;
  readonly onShow: (sky: Sky) => void;
}

function Gallery({ skies, shown, onShow }: GalleryProps) {
  return (
    <nav class="gallery" aria-label="Skies of this visit" data-testid="gallery">
      {skies.map((sky) => (
        <button
          key={nameOf(sky)}
          type="button"
          aria-current={sky === shown}
          aria-label={`${skyTitle(sky.model, sky.request)}, seed ${sky.request.seed}`}
          onClick={() => onShow(sky)}
        >
          <Preview sky={sky} width={128} />
        </button>
      ))}
    </nav>
  );
}

function CopyLink({ sky }: { sky: Sky }) {
  const [outcome, setOutcome] = useState("");

  async function copy(): Promise<void> {
    const query = nameOf(sky);
    try {
      await navigator.clipboard.writeText(new URL(query, location.href).href);
      setOutcome("Copied");
    } catch {
      history.replaceState(null, "", query);
      setOutcome("In the address");
    }
    setTimeout(() => setOutcome(""), 4000);
  }

  return (
    <button type="button" class="on-picture" data-testid="copy" onClick={copy}>
      <Icon name="link" /> <span aria-live="polite">{outcome || "Copy link"}</span>
    </button>
  );
}

function FullScreen() {
  if (!document.fullscreenEnabled) return null;
  async function toggle(): Promise<void> {
    if (document.fullscreenElement !== null) await document.exitFullscreen();
    else await document.getElementById(STAGE)?.requestFullscreen();
  }
  return (
    <button type="button" class="on-picture" data-testid="fullscreen" onClick={toggle}>
      <Icon name="expand" /> Full screen
    </button>
  );
}
