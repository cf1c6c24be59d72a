/** What the page knows during a visit, and the few things that change it. */

import { useEffect, useReducer, useRef } from "preact/hooks";
import type { Engine } from "../engine/client";
import { EngineError, type ModelEntry, type Progress, type Sky, type SkyRequest } from "../engine/protocol";
import { type Asked, writeAddress } from "./address";
import { newSeed } from "./seed";

/** Skies of a visit that are kept; their previews take a few megabytes each. */
const KEPT_SKIES = 12;

const WHILE_AWAY = "This sky was finished while the page was out of sight.";

export interface Session {
  readonly model: ModelEntry;
  /** What the controls say; not yet drawn, perhaps. */
  readonly request: SkyRequest;
  /** Of the sky under way. */
  readonly progress: Progress | null;
  /** The skies of this visit, the latest first. */
  readonly skies: readonly Sky[];
  readonly shown: Sky | null;
  readonly problem: EngineError | null;
  /** Plain sentences that the user may put away. */
  readonly notes: readonly string[];
}

export interface Actions {
  change(part: Partial<SkyRequest>): void;
  choose(model: ModelEntry): void;
  /** Draws what the controls say, after `part` has changed. */
  generate(part?: Partial<SkyRequest>): void;
  /** Draws the sky that is shown with another seed. */
  another(): void;
  /** Gives the server this token from now on, and tries again. */
  authorize(token: string): void;
  cancel(): void;
  show(sky: Sky): void;
  dismiss(): void;
}

type Event =
  | { readonly type: "changed"; readonly model: ModelEntry; readonly request: SkyRequest }
  | { readonly type: "progressed"; readonly progress: Progress }
  | { readonly type: "drawn"; readonly sky: Sky; readonly notes: readonly string[] }
  | { readonly type: "failed"; readonly problem: EngineError }
  | { readonly type: "shown"; readonly sky: Sky }
  | { readonly type: "dismissed" };

function next(session: Session, event: Event): Session {
  switch (event.type) {
    case "changed":
      return { ...session, model: event.model, request: event.request };
    case "progressed":
      return { ...session, progress: event.progress, problem: null };
    case "drawn": {
      const name = nameOf(event.sky);
      const others = session.skies.filter((sky) => nameOf(sky) !== name);
      const skies = [event.sky, ...others].slice(0, KEPT_SKIES);
      return { ...session, progress: null, skies, shown: event.sky, notes: [...session.notes, ...event.notes] };
    }
    case "failed":
      return { ...session, progress: null, problem: event.problem.kind === "cancelled" ? null : event.problem };
    case "shown":
      return { ...session, shown: event.sky, model: event.sky.model, request: event.sky.request };
    case "dismissed":
      return { ...session, problem: null, notes: [] };
  }
}

/** Tells a sky from all others, as its address does. */
export function nameOf({ model, request }: Sky): string {
  return writeAddress(model, request, new URLSearchParams());
}

/** Begins with what the address asks for, and keeps the address up to date. The first sky waits for `ready`. */
export function useSession(engine: Engine, asked: Asked, ready: Promise<void>): [Session, Actions] {
  const [session, dispatch] = useReducer<Session, Event>(next, {
    model: asked.model,
    request: asked.request,
    progress: null,
    skies: [],
    shown: null,
    problem: null,
    notes: asked.ignored,
  });
  const job = useRef<AbortController | null>(null);
  const { model, request, skies, shown } = session;

  function begin(model: ModelEntry, request: SkyRequest): void {
    if (job.current !== null) return;
    dispatch({ type: "dismissed" });
    dispatch({ type: "changed", model, request });
    void draw(model, request);
  }

  async function draw(model: ModelEntry, request: SkyRequest): Promise<void> {
    const controller = new AbortController();
    job.current = controller;
    const onProgress = (progress: Progress) => dispatch({ type: "progressed", progress });
    onProgress({ stage: "download", done: 0 });
    try {
      await ready;
      const sky = await engine.draw(model, request, { signal: controller.signal, onProgress });
      dispatch({ type: "drawn", sky, notes: document.hidden ? [...sky.notes, WHILE_AWAY] : sky.notes });
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      dispatch({ type: "failed", problem: error });
    } finally {
      job.current = null;
    }
  }

  const actions: Actions = {
    change: (part) => dispatch({ type: "changed", model, request: { ...request, ...part } }),
    choose: (model) => {
      const known = model.classes.some(({ code }) => code === request.cloud);
      const cloud = known ? request.cloud : (model.classes[0]?.code ?? request.cloud);
      dispatch({ type: "changed", model, request: { ...request, cloud, mixWith: null } });
    },
    generate: (part = {}) => begin(model, { ...request, ...part }),
    another: () => shown && begin(shown.model, { ...shown.request, seed: newSeed() }),
    authorize: (token) => {
      engine.authorize(token);
      begin(model, request);
    },
    cancel: () => job.current?.abort(),
    show: (sky) => dispatch({ type: "shown", sky }),
    dismiss: () => dispatch({ type: "dismissed" }),
  };

  useEffect(() => {
    if (asked.named) void draw(asked.model, asked.request);
  }, []);
  useAddress(model, request);
  useDisposal(skies);
  return [session, actions];
}

/** Keeps the page's address at what the controls say. */
function useAddress(model: ModelEntry, request: SkyRequest): void {
  useEffect(() => {
    // browsers refuse to change the address too often, as a slider would
    const timer = setTimeout(() => {
      history.replaceState(null, "", writeAddress(model, request, new URLSearchParams(location.search)));
    }, 250);
    return () => clearTimeout(timer);
  }, [model, request]);
}

/** Frees the previews of skies that are no longer kept. */
function useDisposal(skies: readonly Sky[]): void {
  const before = useRef(skies);
  useEffect(() => {
    for (const sky of before.current) if (!skies.includes(sky)) sky.preview.close();
    before.current = skies;
  }, [skies]);
}
