// The page on the device, and newer versions of it.

let outdated = false;

/** Whether a newer version has replaced the files of this one: reload before anything else is loaded. */
export function isOutdated(): boolean {
  return outdated;
}

/** Keeps the page on the device. A newer version is taken up at once where `isIdle`, else before the next code. */
export function keepOnDevice(isIdle: () => boolean): void {
  const { serviceWorker } = navigator;
  // Not there on pages that are not secure, whatever the types say.
  if (!('serviceWorker' in navigator)) return;
  let isFirst = serviceWorker.controller === null;
  serviceWorker.addEventListener('controllerchange', () => {
    outdated = !isFirst;
    isFirst = false;
    if (outdated && isIdle()) location.reload();
  });
  void serviceWorker.register('service-worker.js', { type: 'module' });
}
