/** Everything about a sky but its cloud type. */

import { useState } from "preact/hooks";
import { BELOWS, METHODS, type ModelEntry, type SkyRequest } from "../engine/protocol";
import type { Method } from "../sky/panorama";
import { Icon } from "./icons";
import { newSeed, typedSeed } from "./seed";
import { cloudName } from "./texts";

const METHOD_NAMES: Readonly<Record<Method, string>> = {
  blend: "Neighbouring pictures, blended",
  mirror: "Half of a picture and its mirror image",
};
const BELOW_NAMES: Readonly<Record<string, string>> = { haze: "Haze", mirror: "The sky mirrored", colour: "One colour" };
const FIRST_COLOUR = "#5b6570";

export interface SettingsProps {
  readonly model: ModelEntry;
  readonly request: SkyRequest;
  readonly onChange: (part: Partial<SkyRequest>) => void;
}

export function Settings(props: SettingsProps) {
  return (
    <section class="settings" aria-label="Settings">
      <Seed {...props} />
      <Variation {...props} />
      <Mixture {...props} />
      <details class="more" data-testid="more">
        <summary>More settings</summary>
        <More {...props} />
      </details>
    </section>
  );
}

function Seed({ request, onChange }: SettingsProps) {
  const [typed, setTyped] = useState<string | null>(null); // while the field has the focus it may be empty
  return (
    <div class="field">
      <label for="seed">Seed</label>
      <div class="with-button">
        <input
          id="seed"
          data-testid="seed"
          inputMode="numeric"
          autoComplete="off"
          maxLength={26}
          aria-describedby="seed-hint"
          value={typed ?? String(request.seed)}
          onInput={(event) => {
            setTyped(event.currentTarget.value.replace(/\D/g, ""));
            onChange({ seed: typedSeed(event.currentTarget.value) });
          }}
          onBlur={() => setTyped(null)}
        />
        <button type="button" class="square" data-testid="dice" aria-label="Another seed" onClick={() => onChange({ seed: newSeed() })}>
          <Icon name="dice" />
        </button>
      </div>
      <p class="hint" id="seed-hint">
        The same type and seed give the same sky, here and everywhere.
      </p>
    </div>
  );
}

function Variation({ request, onChange }: SettingsProps) {
  return (
    <Slider
      id="psi"
      label="Variation"
      value={request.psi}
      from="typical"
      to="unusual"
      onChange={(psi) => onChange({ psi })}
    />
  );
}

function Mixture({ model, request, onChange }: SettingsProps) {
  const { mixWith } = request;
  return (
    <div class="pair">
      <div class="field">
        <label for="mix">Mix with</label>
        <select
          id="mix"
          data-testid="mix"
          value={mixWith ?? ""}
          onChange={(event) => onChange({ mixWith: event.currentTarget.value || null })}
        >
          <option value="">Nothing</option>
          {model.classes.map(({ code }) => (
            <option key={code} value={code}>
              {cloudName(model, code)}
            </option>
          ))}
        </select>
      </div>
      <Slider
        id="share"
        label="Its share"
        value={request.mixShare}
        from="a hint"
        to="all"
        disabled={mixWith === null}
        onChange={(mixShare) => onChange({ mixShare })}
      />
    </div>
  );
}

function More({ request, onChange }: SettingsProps) {
  const kind = BELOWS.includes(request.below) ? request.below : "colour";
  return (
    <div class="fields">
      <div class="field">
        <label for="pictures">Pictures round the horizon</label>
        <select
          id="pictures"
          data-testid="pictures"
          value={request.pictures}
          onChange={(event) => onChange({ pictures: Number(event.currentTarget.value) })}
        >
          {[1, 2, 3, 4, 5, 6, 7, 8].map((count) => (
            <option key={count}>{count}</option>
          ))}
        </select>
      </div>
      <div class="field">
        <label for="method">How they close the circle</label>
        <select
          id="method"
          data-testid="method"
          value={request.method}
          onChange={(event) => onChange({ method: event.currentTarget.value as Method })}
        >
          {METHODS.map((method) => (
            <option key={method} value={method}>
              {METHOD_NAMES[method]}
            </option>
          ))}
        </select>
      </div>
      <div class="field">
        <label for="below">Below the horizon</label>
        <div class="with-button">
          <select
            id="below"
            data-testid="below"
            value={kind}
            onChange={(event) => {
              const { value } = event.currentTarget;
              onChange({ below: value === "colour" ? FIRST_COLOUR : value });
            }}
          >
            {[...BELOWS, "colour"].map((below) => (
              <option key={below} value={below}>
                {BELOW_NAMES[below]}
              </option>
            ))}
          </select>
          <input
            type="color"
            class="square"
            data-testid="colour"
            aria-label="Colour below the horizon"
            disabled={kind !== "colour"}
            value={kind === "colour" ? request.below : FIRST_COLOUR}
            onInput={(event) => onChange({ below: event.currentTarget.value })}
          />
        </div>
      </div>
    </div>
  );
}

interface SliderProps {
  readonly id: string;
  readonly label: string;
  /** 0 to 1. */
  readonly value: number;
  /** What the two ends mean. */
  readonly from: string;
  readonly to: string;
  readonly disabled?: boolean;
  readonly onChange: (value: number) => void;
}

function Slider({ id, label, value, from, to, disabled = false, onChange }: SliderProps) {
  const percent = `${Math.round(value * 100)} %`;
  return (
    <div class="field slider">
      <label for={id}>{label}</label>
      <output for={id}>{disabled ? "–" : percent}</output>
      <input
        id={id}
        data-testid={id}
        type="range"
        min="0"
        max="1"
        step="0.05"
        value={value}
        disabled={disabled}
        aria-valuetext={percent}
        onInput={(event) => onChange(event.currentTarget.valueAsNumber)}
      />
      <span class="ends" aria-hidden="true">
        <span>{from}</span>
        <span>{to}</span>
      </span>
    </div>
  );
}
