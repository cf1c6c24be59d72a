import "@fontsource-variable/figtree/wght.css";
import { render } from "preact";
import { App } from "./page/app";
import { prepareOffline } from "./page/offline";
import "./page/tokens.css";
import "./page/controls.css";
import "./page/layout.css";
import "./page/stage.css";
import "./page/panel.css";
import "./page/dialog.css";

const base = new URL("./", location.href).href;
const root = document.getElementById("page");
if (root === null) throw new Error("index.html has no place for the page");
render(<App base={base} offline={prepareOffline(base)} />, root);
