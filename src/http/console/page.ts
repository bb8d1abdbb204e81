import type { Page } from '../page.ts';
import { consoleScript } from './script.ts';

const style = `
body { max-width: none; margin: 0; padding: 1rem; display: grid; gap: 1rem;
  grid-template-columns: minmax(20rem, 5fr) minmax(20rem, 5fr) minmax(16rem, 4fr);
  height: 100vh; box-sizing: border-box; }
section { display: flex; flex-direction: column; gap: .5rem; min-height: 0; }
h1 { font-size: 1.1rem; margin: 0; }
h2 { font-size: .9rem; margin: 1rem 0 .25rem; }
label { font-size: .8rem; display: flex; flex-direction: column; gap: .25rem; }
label.grows { flex: 3; }
label.grows + label { flex: 1; }
textarea { flex: 1; resize: none; }
textarea, input, pre { font: .85rem/1.45 ui-monospace, monospace; padding: .5rem; box-sizing: border-box; }
pre { margin: 0; overflow: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
#result { flex: 1; border: 1px solid color-mix(in srgb, currentColor 25%, transparent); }
#docs { overflow: auto; font-size: .85rem; }
#docs p { margin: .25rem 0; }
#docs small { display: block; opacity: .75; }
#docs pre { padding: .25rem 1rem; }
button.link { padding: 0; border: 0; background: none; color: LinkText; cursor: pointer; font-weight: 600; }
.row { display: flex; gap: .5rem; align-items: center; }
@media (max-width: 60rem) { body { grid-template-columns: 1fr; height: auto; } textarea { min-height: 8rem; } }
`;

const firstQuery = `query {
  notifications(first: 10) {
    edges { node { id userId channel template status requestedAt } }
  }
}`;

const body = `<section aria-label="Operation">
<h1>Tidings</h1>
<label>Token <input id="token" type="password" autocomplete="off" spellcheck="false"></label>
<label class="grows">Operation <textarea id="query" spellcheck="false">${firstQuery}</textarea></label>
<label>Variables <textarea id="variables" spellcheck="false"></textarea></label>
<div class="row"><button id="run" title="Ctrl+Enter">Run</button><button id="subscribe">Subscribe</button></div>
</section>
<section aria-label="Answer"><div class="row" role="status" id="state">Ctrl+Enter runs or subscribes</div>
<pre id="result" tabindex="0"></pre></section>
<section id="docs" aria-label="Schema"></section>`;

/** The GraphQL console: it needs this server and nothing from the internet. */
export const consolePage: Page = { title: 'Tidings console', body, style, script: consoleScript };
