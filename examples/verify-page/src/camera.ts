// Reads codes from the camera until one is there.
import { readQr } from './read-qr.ts';

/** Shows the camera in `video` and resolves with the first code it sees; undefined after an abort. */
export async function scan(video: HTMLVideoElement, signal: AbortSignal): Promise<string | undefined> {
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: 'environment', width: { ideal: 1920 } },
  });
  try {
    video.srcObject = stream;
    await video.play();
    while (!signal.aborted) {
      const size = { width: video.videoWidth, height: video.videoHeight };
      const text = size.width > 0 ? readQr(video, size, 150) : undefined;
      if (text !== undefined) return text;
      await new Promise(requestAnimationFrame);
    }
    return undefined;
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
}
