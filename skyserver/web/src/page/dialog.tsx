/** A window over the page, which the browser itself closes on Escape and gives the focus back from. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "./icons";

export interface DialogProps {
  readonly name: string;
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** Opens when it is rendered. */
export function Dialog({ name, title, onClose, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="dialog" data-testid={name} aria-labelledby={`${name}-title`} onClose={onClose}>
      <header>
        <h2 id={`${name}-title`}>{title}</h2>
        <button type="button" class="square plain" data-testid={`${name}-close`} aria-label="Close" onClick={() => dialog.current?.close()}>
          <Icon name="close" />
        </button>
      </header>
      {children}
    </dialog>
  );
}
