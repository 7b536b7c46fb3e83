/**
 * The text of a QR code, however the user has it.
 *
 * @module
 */
import { isFile, readSmall } from '../../files.ts';
import { readArgument, textOf, withoutLineEnd } from '../../input.ts';
import { pictureKind } from '../../pictures.ts';

/** The text: in the argument, on standard input, in a file, or in the picture that either of them is. */
export async function readQrText(argument: string): Promise<string> {
  const bytes = isFile(argument) ? await readSmall(argument) : await readArgument(argument);
  if (pictureKind(bytes) !== undefined) {
    const { readQr } = await import('../../read-qr.ts');
    return readQr(bytes);
  }
  // Base45 has no line ends; what an editor puts at the end of a file is no part of the text.
  return textOf(isFile(argument) ? withoutLineEnd(bytes) : bytes, 'base45');
}
