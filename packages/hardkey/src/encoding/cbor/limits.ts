/**
 * How much CBOR is read, and how strictly.
 *
 * @module
 */

/** Bounds on what is read. */
export interface CborLimits {
  /** Arrays, maps and tags inside one another. Default 16. */
  readonly depth?: number;
  /** Items in the whole input, the chunks of strings among them. Default 10,000. */
  readonly items?: number;
  /**
   * Refuse everything but the core deterministic encoding (RFC 8949 §4.2.1): what is read is then
   * what `encodeCbor` writes of it. What a tag means is not looked at. Default false.
   */
  readonly deterministic?: boolean;
  /** What the input is, for the `field` of a failure. Default `cbor`. */
  readonly field?: string;
}
