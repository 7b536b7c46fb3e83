// The page: three ways in, one answer out.
import { scan } from './camera.ts';
import { readPicture } from './read-qr.ts';
import { show } from './show.ts';
import { chooseTrust, forgetChosen, loadTrust, type TrustedKeys } from './trusted-keys.ts';
import { judge, type Verdict } from './verdict.ts';

const [verdictPlace, ask] = [byId('verdict', HTMLElement), byId('ask', HTMLElement)];
const video = byId('camera', HTMLVideoElement);
const text = byId('text', HTMLTextAreaElement);
let trusted = loading(loadTrust());
let scanning: AbortController | undefined;

byId('scan', HTMLButtonElement).addEventListener('click', () => void answer(fromCamera));
onFile('picture', (file) => answer(async () => (await readPicture(file)) ?? NO_CODE));
byId('paste', HTMLFormElement).addEventListener('submit', (event) => {
  event.preventDefault();
  // One line end may come with a paste; spaces belong to the code.
  void answer(async () => text.value.replace(/\r?\n$/, ''));
});
onFile('keys', (file) => {
  trusted = loading(chooseTrust(file));
});
byId('forget', HTMLButtonElement).addEventListener('click', () => {
  forgetChosen();
  trusted = loading(loadTrust());
});
void navigator.serviceWorker?.register('service-worker.js', { type: 'module' });

const NO_CODE: Verdict = {
  tone: 'bad',
  title: 'No code found',
  reason: 'There is no code in this picture that can be read. Hold it closer, flat and in good light.',
};

/** Reads a text, judges it and shows the answer. */
async function answer(read: () => Promise<string | Verdict | undefined>): Promise<void> {
  scanning?.abort();
  const found = await read().catch(failed);
  if (found === undefined) return;
  const verdict = typeof found === 'string' ? await check(found) : found;
  ask.hidden = true;
  show(verdictPlace, verdict, () => {
    verdictPlace.hidden = true;
    verdictPlace.replaceChildren();
    text.value = '';
    ask.hidden = false;
    byId('scan', HTMLButtonElement).focus();
  });
}

async function check(code: string): Promise<Verdict> {
  const keys = await trusted;
  return keys === undefined ? NO_KEYS : judge(code, keys.trust, new Date());
}

async function fromCamera(): Promise<string | undefined> {
  scanning = new AbortController();
  return scan(video, scanning.signal);
}

const NO_KEYS: Verdict = {
  tone: 'bad',
  title: 'Cannot be checked',
  reason: 'This page has no keys to check with.',
};

function failed(error: unknown): Verdict {
  const detail = error instanceof Error ? error.message : String(error);
  return {
    tone: 'bad',
    title: 'Cannot be read',
    reason: 'The camera or the picture cannot be used. Paste the text instead.',
    detail,
  };
}

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
