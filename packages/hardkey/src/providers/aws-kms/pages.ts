/**
 * Lists that KMS gives a page at a time.
 *
 * @module
 */

/** What every page says beside what is on it. */
interface PageEnd {
  readonly NextMarker?: string | undefined;
  readonly Truncated?: boolean | undefined;
}

/** What stands on all pages. `ask` is given where the next page begins. */
export async function* pagesOf<P extends PageEnd, T>(
  ask: (page: { readonly Marker?: string }) => Promise<P>,
  itemsOf: (page: P) => readonly T[] | undefined,
): AsyncIterable<T> {
  let marker: string | undefined;
  do {
    const page = await ask(marker === undefined ? {} : { Marker: marker });
    yield* itemsOf(page) ?? [];
    // A page that leads to itself would never end.
    marker = page.Truncated && page.NextMarker !== marker ? page.NextMarker : undefined;
  } while (marker !== undefined);
}
