/** How a sky gets from here into a Unity scene. */

import type { Sky } from "../engine/protocol";
import { Dialog } from "./dialog";
import { cloudName } from "./texts";

export function Unity({ sky, onClose }: { readonly sky: Sky; readonly onClose: () => void }) {
  const { cloud, seed } = sky.request;
  return (
    <Dialog name="unity" title="Open in Unity" onClose={onClose}>
      <div class="steps">
        <h3>With the files</h3>
        <ol>
          <li>
            <b>Download</b>, <b>Six faces</b>, made for Unity, and unpack the zip into your project’s Assets.
          </li>
          <li>
            Select the six textures and set <b>Wrap Mode</b> to Clamp, so that no edge shows.
          </li>
          <li>
            Create a material with the shader <b>Skybox/6 Sided</b> and give each slot the texture of its name.
          </li>
          <li>
            Drag the material onto the sky in the Scene view, or choose it in <b>Window &gt; Rendering &gt; Lighting &gt; Environment</b>.
          </li>
        </ol>
        <p>
          A panorama works too: shader <b>Skybox/Panoramic</b>, and in the texture’s settings a <b>Max Size</b> no smaller than its width.
        </p>
        <h3>Inside the editor</h3>
        <p>
          SkyServer’s Unity package draws the same sky in the editor and makes the material for you: cloud type <b>{cloudName(sky.model, cloud)}</b>,
          seed <b>{String(seed)}</b>, and the rest as it is set here.
        </p>
        <ol>
          <li>
            <code>skyserver unity-package -o .</code> writes it; add it with <b>Window &gt; Package Manager &gt; + &gt; Install package from tarball</b>.
          </li>
          <li>
            <b>Window &gt; SkyServer &gt; Skybox Generator</b>, <b>Start server</b>, click the cloud, <b>Generate</b>.
          </li>
        </ol>
      </div>
    </Dialog>
  );
}
