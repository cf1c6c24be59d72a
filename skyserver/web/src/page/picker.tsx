/** The cloud type: a menu for those who know its name, pictures for everybody else. */

import type { CloudType, ModelEntry } from "../engine/protocol";
import { Select } from "./fields";
import { Icon } from "./icons";
import { capitalized } from "./texts";

export interface PickerProps {
  readonly model: ModelEntry;
  readonly cloud: string;
  readonly onPick: (cloud: string) => void;
  readonly onSurprise: () => void;
}

export function Picker({ model, cloud, onPick, onSurprise }: PickerProps) {
  const picked = model.classes.find(({ code }) => code === cloud);
  return (
    <section class="picker" aria-label="Cloud type">
      <Select
        id="cloud"
        label="Cloud type"
        value={cloud}
        options={model.classes.map(({ code, name }) => [code, `${capitalized(name)} (${code})`])}
        onChange={onPick}
      />
      <fieldset class="tiles">
        <legend class="unseen">Cloud types in pictures</legend>
        {model.classes.map((type) => (
          <Tile key={type.code} type={type} picked={type.code === cloud} onPick={onPick} />
        ))}
        <button type="button" class="tile surprise" data-testid="surprise" onClick={onSurprise}>
          <span class="tile-picture">
            <Icon name="dice" />
          </span>
          <span class="tile-name">Surprise me</span>
        </button>
      </fieldset>
      <p class="description" data-testid="description">
        {picked?.description && `${capitalized(picked.description)}.`}
      </p>
    </section>
  );
}

interface TileProps {
  readonly type: CloudType;
  readonly picked: boolean;
  readonly onPick: (cloud: string) => void;
}

function Tile({ type, picked, onPick }: TileProps) {
  return (
    <label class="tile">
      <input
        type="radio"
        class="unseen"
        name="tile"
        data-testid={`tile-${type.code}`}
        checked={picked}
        onChange={() => onPick(type.code)}
      />
      <span class="tile-picture">
        <img src={type.thumbnail} alt="" width="256" height="256" loading="lazy" decoding="async" />
      </span>
      <span class="tile-name">{capitalized(type.name)}</span>
    </label>
  );
}
