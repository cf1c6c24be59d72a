/** Fields with their labels. Each one's `id` is its `data-testid` too. */

import type { ComponentChildren } from "preact";

export interface SelectProps<Value extends string> {
  readonly id: string;
  readonly label: string;
  readonly value: Value;
  /** Values and what they are called. */
  readonly options: readonly (readonly [value: Value, name: string])[];
  readonly disabled?: boolean;
  readonly hint?: string;
  /** What stands beside the menu. */
  readonly children?: ComponentChildren;
  readonly onChange: (value: Value) => void;
}

export function Select<Value extends string>(props: SelectProps<Value>) {
  const { id, label, value, options, disabled = false, hint, children, onChange } = props;
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="with-button">
        <select
          id={id}
          data-testid={id}
          value={value}
          disabled={disabled}
          aria-describedby={hint && `${id}-hint`}
          onChange={(event) => onChange(event.currentTarget.value as Value)}
        >
          {options.map(([option, name]) => (
            <option key={option} value={option}>
              {name}
            </option>
          ))}
        </select>
        {children}
      </div>
      {hint && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

export interface SliderProps {
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

export function Slider({ id, label, value, from, to, disabled = false, onChange }: SliderProps) {
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
