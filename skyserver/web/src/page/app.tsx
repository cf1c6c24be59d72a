/** The whole page. */

import { useEffect, useState } from "preact/hooks";
import { fetchCatalogue } from "../engine/catalogue";
import { Engine, settingsFrom } from "../engine/client";
import { type Catalogue, EngineError, type ModelEntry } from "../engine/protocol";
import { readAddress } from "./address";
import { Download } from "./download";
import { Select } from "./fields";
import { Generate } from "./generate";
import { Picker } from "./picker";
import { newSeed } from "./seed";
import { type Actions, type Session, useSession } from "./session";
import { Settings } from "./settings";
import { Frame, Invitation, Stage } from "./stage";
import { megabytes } from "./texts";
import { TokenForm } from "./token-form";
import { Unity } from "./unity";

export interface AppProps {
  /** Address of the folder that the page lies in, with `/` at its end. */
  readonly base: string;
  /** What `prepareOffline` promised. */
  readonly offline: Promise<void>;
}

export function App({ base, offline }: AppProps) {
  const [found, setFound] = useState<Catalogue | EngineError | null>(null);

  async function look(): Promise<void> {
    setFound(null);
    try {
      setFound(await fetchCatalogue(base));
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      setFound(error);
    }
  }
  useEffect(() => void look(), []);

  if (found !== null && !(found instanceof EngineError)) return <Visit base={base} offline={offline} catalogue={found} />;
  return (
    <>
      <Frame>
        <Invitation />
      </Frame>
      <aside class="panel" aria-label="What to draw">
        {found !== null && <Problem message={found.message} onRetry={look} />}
      </aside>
    </>
  );
}

function Visit({ base, offline, catalogue }: AppProps & { catalogue: Catalogue }) {
  const [{ engine, asked }] = useState(() => {
    const query = new URLSearchParams(location.search);
    return { engine: new Engine(settingsFrom(query, base, catalogue)), asked: readAddress(query, catalogue) };
  });
  const [session, actions] = useSession(engine, asked, offline);
  const [dialog, setDialog] = useState<"download" | "unity" | null>(null);
  const { model, request, shown } = session;
  const close = () => setDialog(null);

  return (
    <>
      <Stage
        session={session}
        actions={actions}
        onDownload={() => setDialog("download")}
        onUnity={() => setDialog("unity")}
      />
      <aside class="panel" aria-label="What to draw">
        <Messages session={session} actions={actions} />
        <Picker
          model={model}
          cloud={request.cloud}
          onPick={(cloud) => actions.change({ cloud })}
          onSurprise={() => actions.generate({ cloud: anyCloud(model), mixWith: null, seed: newSeed() })}
        />
        <Settings model={model} request={request} onChange={actions.change} />
        <Footer catalogue={catalogue} model={model} onChoose={actions.choose} />
        <Generate session={session} onGenerate={() => actions.generate()} onCancel={actions.cancel} />
      </aside>
      {dialog === "download" && shown !== null && <Download sky={shown} engine={engine} onClose={close} />}
      {dialog === "unity" && shown !== null && <Unity sky={shown} onClose={close} />}
    </>
  );
}

function Messages({ session, actions }: { session: Session; actions: Actions }) {
  const { notes, problem } = session;
  return (
    <>
      {problem?.kind === "unauthenticated" ? (
        <TokenForm message={problem.message} onToken={actions.authorize} />
      ) : (
        problem !== null && <Problem message={problem.message} onRetry={() => actions.generate()} />
      )}
      {notes.length > 0 && (
        <div class="note" role="status" data-testid="notes">
          {notes.map((note) => (
            <p key={note}>{note}</p>
          ))}
          <button type="button" data-testid="dismiss" onClick={actions.dismiss}>
            All right
          </button>
        </div>
      )}
    </>
  );
}

function Problem({ message, onRetry }: { message: string; onRetry: () => void }) {
  return (
    <div class="note alarm" role="alert" data-testid="problem">
      <p>{message}</p>
      <button type="button" data-testid="retry" onClick={onRetry}>
        Try again
      </button>
    </div>
  );
}

interface FooterProps {
  readonly catalogue: Catalogue;
  readonly model: ModelEntry;
  readonly onChoose: (model: ModelEntry) => void;
}

function Footer({ catalogue: { version, models }, model, onChoose }: FooterProps) {
  return (
    <footer>
      {models.length > 1 && (
        <Select
          id="model"
          label="Model"
          value={model.digest}
          options={models.map(({ digest, name }) => [digest, name])}
          onChange={(wanted) => onChoose(models.find(({ digest }) => digest === wanted) ?? model)}
        />
      )}
      <p>
        SkyServer {version} · {model.name}, {megabytes(model.bytes)} MB, kept in this browser after the first sky; then the page
        works offline.
      </p>
      <p>{model.licence}</p>
      <a href="licences.txt">Licences of what the page is made of</a>
    </footer>
  );
}

function anyCloud({ classes }: ModelEntry): string {
  const index = Math.floor(Math.random() * classes.length);
  return classes[index]?.code ?? "";
}
