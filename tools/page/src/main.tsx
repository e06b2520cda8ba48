import './style.css';
import { render } from 'preact';
import { App } from './view/app';
import { openUrl } from './view/state';

render(<App />, document.getElementById('app') as HTMLElement);

// `microvfs page IMAGE` serves the image beside the page.
const given = /^#open=(.+)$/.exec(location.hash);
if (given) await openUrl(new URL(given[1], location.href).href);

if (import.meta.env.PROD && 'serviceWorker' in navigator) await navigator.serviceWorker.register('./offline.js').catch(() => undefined);
