// Hand-held scanners are keyboards: they type the code, wherever the focus is, and press Enter.

/** Leads what is typed outside of every field into `text`, after `begin`; Enter there submits its form. */
export function onScanner(text: HTMLTextAreaElement, begin: () => void): void {
  document.addEventListener('keydown', (event) => {
    const { key, ctrlKey, altKey, metaKey } = event;
    if (key.length !== 1 || ctrlKey || altKey || metaKey || !isNowhere(document.activeElement)) return;
    begin();
    // The key that was pressed is typed where the focus is now.
    text.focus();
  });
  text.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter') return;
    event.preventDefault();
    text.form?.requestSubmit();
  });
}

/** The page itself, or the heading of an answer: nothing that a key does something to. */
function isNowhere(focused: Element | null): boolean {
  return focused === null || focused === document.body || focused instanceof HTMLHeadingElement;
}
