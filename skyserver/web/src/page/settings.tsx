/** Everything about a sky but its cloud type. */

import { useState } from "preact/hooks";
import { BELOWS, METHODS, type ModelEntry, type SkyRequest } from "../engine/protocol";
import type { Method } from "../sky/panorama";
import { Select, Slider } from "./fields";
import { Icon } from "./icons";
import { newSeed, typedSeed } from "./seed";
import { cloudName } from "./texts";

const METHOD_NAMES: Readonly<Record<Method, string>> = {
  blend: "Neighbouring pictures, blended",
  mirror: "Half of a picture and its mirror image",
};
/** Stands in the menu for all that is none of `BELOWS`. */
const COLOUR = "colour";
const BELOW_NAMES: Readonly<Record<string, string>> = {
  haze: "Haze",
  mirror: "The sky mirrored",
  [COLOUR]: "One colour",
};
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
      <Slider
        id="psi"
        label="Variation"
        value={props.request.psi}
        from="typical"
        to="unusual"
        onChange={(psi) => props.onChange({ psi })}
      />
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

function Mixture({ model, request, onChange }: SettingsProps) {
  const { mixWith, mixShare } = request;
  const clouds = model.classes.map(({ code }) => [code, cloudName(model, code)] as const);
  return (
    <div class="pair">
      <Select
        id="mix"
        label="Mix with"
        value={mixWith ?? ""}
        options={[["", "Nothing"], ...clouds]}
        onChange={(code) => onChange({ mixWith: code || null })}
      />
      <Slider
        id="share"
        label="Its share"
        value={mixShare}
        from="a hint"
        to="all"
        disabled={mixWith === null}
        onChange={(mixShare) => onChange({ mixShare })}
      />
    </div>
  );
}

function More({ request, onChange }: SettingsProps) {
  return (
    <div class="fields">
      <Select
        id="pictures"
        label="Pictures round the horizon"
        value={String(request.pictures)}
        options={["1", "2", "3", "4", "5", "6", "7", "8"].map((count) => [count, count])}
        onChange={(count) => onChange({ pictures: Number(count) })}
      />
      <Select
        id="method"
        label="How they close the circle"
        value={request.method}
        options={METHODS.map((method) => [method, METHOD_NAMES[method]])}
        onChange={(method) => onChange({ method })}
      />
      <Below below={request.below} onChange={(below) => onChange({ below })} />
    </div>
  );
}

function Below({ below, onChange }: { readonly below: string; readonly onChange: (below: string) => void }) {
  const coloured = !BELOWS.includes(below);
  return (
    <Select
      id="below"
      label="Below the horizon"
      value={coloured ? COLOUR : below}
      options={[...BELOWS, COLOUR].map((kind) => [kind, BELOW_NAMES[kind] ?? kind])}
      onChange={(kind) => onChange(kind === COLOUR ? FIRST_COLOUR : kind)}
    >
      <input
        type="color"
        class="square"
        data-testid="colour"
        aria-label="Colour below the horizon"
        disabled={!coloured}
        value={coloured ? below : FIRST_COLOUR}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    </Select>
  );
}
