/** The sky as files, in the size and the orientation that an engine wants. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Engine } from "../engine/client";
import {
  EngineError,
  type ExportedFile,
  type ExportOptions,
  FACE_SIZES,
  PANORAMA_WIDTHS,
  type Progress,
  type Sky,
} from "../engine/protocol";
import type { OrientationName } from "../sky/orientation";
import { Dialog } from "./dialog";
import { Select, type SelectProps } from "./fields";
import { Icon } from "./icons";
import { megabytes, overall, progressText } from "./texts";
import { TokenForm } from "./token-form";

type Layout = ExportOptions["layout"];
type Naming = Extract<ExportOptions, { layout: "faces" }>["naming"];

type Options<Value extends string> = SelectProps<Value>["options"];

const FIRST_SIZES: Readonly<Record<Layout, number>> = { panorama: 2048, faces: 512 };
const SIZES: Readonly<Record<Layout, Options<string>>> = {
  panorama: PANORAMA_WIDTHS.map((width) => [String(width), `${width} × ${width / 2}`]),
  faces: FACE_SIZES.map((edge) => [String(edge), `6 times ${edge} × ${edge}`]),
};
const ENGINES: Options<OrientationName> = [
  ["unity", "Unity"],
  ["opengl", "OpenGL, glTF"],
  ["unreal", "Unreal"],
  ["threejs", "three.js, A-Frame"],
];
const NAMINGS: Options<Naming> = [
  ["unity", "Unity’s 6 Sided: Left, Right, …"],
  ["plain", "Axes: px, nx, py, ny, …"],
];

/** What is under way, or how the last download went. */
type Work = { readonly progress: Progress } | { readonly file: ExportedFile } | { readonly problem: EngineError } | null;

export interface DownloadProps {
  readonly sky: Sky;
  readonly engine: Engine;
  readonly onClose: () => void;
}

export function Download({ sky, engine, onClose }: DownloadProps) {
  const [layout, setLayout] = useState<Layout>("panorama");
  const [sizes, setSizes] = useState(FIRST_SIZES);
  const [orientation, setOrientation] = useState<OrientationName>("unity");
  const [naming, setNaming] = useState<Naming>("unity");
  const [work, download] = useDownload(engine, sky);
  const busy = work !== null && "progress" in work;
  const size = sizes[layout];

  function make(): void {
    if (busy) return;
    void download(layout === "panorama" ? { layout, size, orientation } : { layout, size, orientation, naming });
  }

  function onSubmit(event: Event): void {
    event.preventDefault();
    make();
  }

  function onToken(token: string): void {
    engine.authorize(token);
    make();
  }

  const wantsToken = work !== null && "problem" in work && work.problem.kind === "unauthenticated";
  return (
    <Dialog name="download" title="Download this sky" onClose={onClose}>
      {wantsToken && <TokenForm message={work.problem.message} onToken={onToken} />}
      <form class="fields" onSubmit={onSubmit}>
        <fieldset class="choices">
          <legend>Layout</legend>
          <Choice layout="panorama" now={layout} title="Panorama" hint="One picture, 2 to 1" onPick={setLayout} />
          <Choice layout="faces" now={layout} title="Six faces" hint="A cubemap’s pictures, in a zip" onPick={setLayout} />
        </fieldset>
        <Select
          id="size"
          label="Size"
          value={String(size)}
          options={SIZES[layout]}
          hint={`The model draws ${sky.width} × ${sky.height} all around; larger is enlarged smoothly.`}
          onChange={(size) => setSizes({ ...sizes, [layout]: Number(size) })}
        />
        <Select id="orientation" label="Made for" value={orientation} options={ENGINES} onChange={setOrientation} />
        <Select
          id="naming"
          label="Names of the faces"
          value={naming}
          options={NAMINGS}
          disabled={layout === "panorama"}
          onChange={setNaming}
        />
        <Outcome work={wantsToken ? null : work} />
        <button type="submit" class="primary" data-testid="save" aria-disabled={busy}>
          <Icon name="download" /> {busy ? "Making the file" : "Download"}
        </button>
      </form>
    </Dialog>
  );
}

interface ChoiceProps {
  readonly layout: Layout;
  readonly now: Layout;
  readonly title: string;
  readonly hint: string;
  readonly onPick: (layout: Layout) => void;
}

function Choice({ layout, now, title, hint, onPick }: ChoiceProps) {
  return (
    <label class="choice">
      <input
        type="radio"
        name="layout"
        data-testid={`layout-${layout}`}
        checked={layout === now}
        onChange={() => onPick(layout)}
      />
      <span>
        {title}
        <small>{hint}</small>
      </span>
    </label>
  );
}

/** One line that is always there, so that nothing moves. */
function Outcome({ work }: { work: Work }) {
  if (work === null) return <p class="outcome" role="status" data-testid="download-status" />;
  if ("problem" in work) {
    return (
      <p class="outcome alarm" role="alert" data-testid="download-problem">
        {work.problem.message}
      </p>
    );
  }
  return (
    <p class="outcome" role="status" data-testid="download-status">
      {"file" in work
        ? `${work.file.name}, ${megabytes(work.file.blob.size)} MB, is in your downloads.`
        : `${progressText(work.progress)} (${Math.round(overall(work.progress) * 100)} %)`}
    </p>
  );
}

function useDownload(engine: Engine, sky: Sky): [Work, (options: ExportOptions) => Promise<void>] {
  const [work, setWork] = useState<Work>(null);
  const job = useRef<AbortController | null>(null);
  useEffect(() => () => job.current?.abort(), []);

  async function download(options: ExportOptions): Promise<void> {
    const controller = new AbortController();
    job.current = controller;
    const onProgress = (progress: Progress) => setWork({ progress });
    onProgress({ stage: "panorama", done: 0 });
    try {
      const file = await engine.export(sky, options, { signal: controller.signal, onProgress });
      save(file);
      setWork({ file });
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      setWork(error.kind === "cancelled" ? null : { problem: error });
    }
  }

  return [work, download];
}

function save({ name, blob }: ExportedFile): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // the browser reads the address after this event, and never again
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
