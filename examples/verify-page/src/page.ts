// The page: four ways in, one answer out.
import { scan } from './camera.ts';
import { onScanner } from './hand-scanner.ts';
import { readPicture } from './read-qr.ts';
import { show } from './show.ts';
import { chooseTrust, forgetChosen, loadTrust, type TrustedKeys } from './trusted-keys.ts';
import { isOutdated, keepOnDevice } from './updates.ts';
import { judge, type Verdict } from './verdict.ts';

const [verdictPlace, ask] = [byId('verdict', HTMLElement), byId('ask', HTMLElement)];
const [viewfinder, video] = [byId('viewfinder', HTMLElement), byId('camera', HTMLVideoElement)];
const scanButton = byId('scan', HTMLButtonElement);
const text = byId('text', HTMLTextAreaElement);
let trusted = loading(loadTrust());
let scanning: AbortController | undefined;

scanButton.addEventListener('click', () => {
  if (scanning === undefined) void answer(fromCamera);
  else stopCamera();
});
onFile('picture', (file) => answer(() => fromPicture(file)));
byId('paste', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  // One line end may come with a paste; spaces belong to the code.
  void answer(async () => text.value.replace(/\r?\n$/, ''));
});
onScanner(text, nextCode);
onFile('keys', (file) => {
  trusted = loading(chooseTrust(file));
});
byId('forget', HTMLButtonElement).addEventListener('click', () => {
  forgetChosen();
  trusted = loading(loadTrust());
});
keepOnDevice(() => verdictPlace.hidden && scanning === undefined && text.value === '');

/** Reads a text, judges it and shows the answer. */
async function answer(read: () => Promise<string | Verdict | undefined>): Promise<void> {
  stopCamera();
  const found = await read();
  if (found === undefined) return;
  const verdict = typeof found === 'string' ? await check(found) : found;
  ask.hidden = true;
  show(verdictPlace, verdict, () => {
    nextCode();
    scanButton.focus();
  });
}

/** Makes room for the next code. */
function nextCode(): void {
  if (isOutdated()) location.reload();
  verdictPlace.hidden = true;
  verdictPlace.replaceChildren();
  text.value = '';
  ask.hidden = false;
}

async function check(code: string): Promise<Verdict> {
  const keys = await trusted;
  if (keys === undefined) return noAnswer('Cannot be checked', 'This page has no keys to check with.');
  return judge(code, keys.trust, new Date());
}

async function fromCamera(): Promise<string | Verdict | undefined> {
  const stop = new AbortController();
  scanning = stop;
  scanButton.textContent = 'Stop the camera';
  viewfinder.hidden = false;
  try {
    return await scan(video, stop.signal);
  } catch (error) {
    return noCamera(error);
  } finally {
    if (scanning === stop) stopCamera();
  }
}

function stopCamera(): void {
  scanning?.abort();
  scanning = undefined;
  scanButton.textContent = 'Use the camera';
  viewfinder.hidden = true;
}

async function fromPicture(file: Blob): Promise<string | Verdict> {
  try {
    return (await readPicture(file)) ?? NO_CODE;
  } catch (error) {
    return noAnswer('Cannot be opened', 'This is no picture that this device can open.', error);
  }
}

function noCamera(error: unknown): Verdict {
  const name = error instanceof Error ? error.name : '';
  const reason =
    name === 'NotAllowedError'
      ? 'This page may not use the camera. Allow it in the settings of the browser, or open a picture.'
      : 'There is no camera that this page can use. Open a picture, or paste the text.';
  return noAnswer('No camera', reason, error);
}

function noAnswer(title: string, reason: string, error?: unknown): Verdict {
  const detail = error instanceof Error ? error.message : error === undefined ? undefined : String(error);
  return { tone: 'none', title, reason, ...(detail && { detail }) };
}

const NO_CODE = noAnswer(
  'No code found',
  'There is no code in this picture that can be read. Hold it closer, flat and in good light.',
);

/** Says which keys are trusted, or that there are none: then nothing is valid. */
async function loading(keys: Promise<TrustedKeys>): Promise<TrustedKeys | undefined> {
  const status = byId('trust', HTMLElement);
  const forget = byId('forget', HTMLButtonElement);
  try {
    const { trust, chosen } = await keys;
    const count = `${trust.size} ${trust.size === 1 ? 'key' : 'keys'}`;
    status.textContent = chosen ? `Trusting ${count} from a file of yours.` : `Trusting ${count}.`;
    forget.hidden = !chosen;
    return { trust, chosen };
  } catch (error) {
    status.textContent = `No keys: ${error instanceof Error ? error.message : String(error)}. Nothing can be checked.`;
    forget.hidden = localStorage.length === 0;
    return undefined;
  }
}

function onFile(id: string, use: (file: File) => unknown): void {
  const input = byId(id, HTMLInputElement);
  input.addEventListener('change', () => {
    const [file] = input.files ?? [];
    if (file) use(file);
    // The same file may be chosen again.
    input.value = '';
  });
}

function byId<T extends HTMLElement>(id: string, type: abstract new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof type)) throw new Error(`the page has no ${id}`);
  return found;
}
