/** Asks for the token of a server that draws for those alone who have one. */

import { useId, useState } from "preact/hooks";

/** What a header can carry (RFC 6750, 2.1). */
const TOKEN = "[A-Za-z0-9._~+\\/\\-]+=*";

export interface TokenFormProps {
  /** Why it asks. */
  readonly message: string;
  readonly onToken: (token: string) => void;
}

export function TokenForm({ message, onToken }: TokenFormProps) {
  const id = useId(); // there may be two, one of them in a dialog
  const [token, setToken] = useState("");

  function onSubmit(event: Event): void {
    event.preventDefault();
    onToken(token);
  }

  return (
    <form class="note" data-testid="token-form" onSubmit={onSubmit}>
      <p role="alert">{message}</p>
      <div class="field">
        <label for={id}>Token</label>
        <div class="with-button">
          <input
            id={id}
            data-testid="token"
            type="password"
            autocomplete="off"
            required
            pattern={TOKEN}
            title="Letters, digits and . _ ~ + / - without spaces"
            value={token}
            onInput={(event) => setToken(event.currentTarget.value.trim())}
          />
          <button type="submit" data-testid="send-token">
            Use it
          </button>
        </div>
        <p class="hint">Kept in this tab until you close it.</p>
      </div>
    </form>
  );
}
