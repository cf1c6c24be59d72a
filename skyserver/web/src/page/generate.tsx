/** The one button, and how far the work is. */

import { useEffect } from "preact/hooks";
import type { Session } from "./session";
import { overall, progressText, skyTitle } from "./texts";

export interface GenerateProps {
  readonly session: Session;
  readonly onGenerate: () => void;
  readonly onCancel: () => void;
}

export function Generate({ session, onGenerate, onCancel }: GenerateProps) {
  const { progress, shown, model, request } = session;
  const busy = progress !== null;
  const title = skyTitle(model, request);
  useTabTitle(busy ? `${Math.round(overall(progress) * 100)} %` : shown && skyTitle(shown.model, shown.request));
  return (
    <div class="generate">
      <progress value={busy ? overall(progress) : 0} max="1" aria-label="Drawing the sky" hidden={!busy} />
      <p class="progress-text" data-testid="progress">
        {busy ? progressText(progress) : title}
      </p>
      <div class="generate-buttons">
        <button
          type="button"
          class="primary"
          data-testid="generate"
          aria-disabled={busy} // and not disabled, which would lose the focus
          onClick={onGenerate}
        >
          {busy ? "Drawing …" : "Generate"}
        </button>
        {busy && (
          <button type="button" data-testid="cancel" onClick={onCancel}>
            Cancel
          </button>
        )}
      </div>
      <p class="unseen" role="status" data-testid="status">
        {busy ? `Drawing ${title}` : shown && `${skyTitle(shown.model, shown.request)} is drawn`}
      </p>
    </div>
  );
}

/** What the tab says while the page is not in sight. */
function useTabTitle(state: string | null): void {
  useEffect(() => {
    document.title = state === null ? "SkyServer" : `${state} · SkyServer`;
  }, [state]);
}
