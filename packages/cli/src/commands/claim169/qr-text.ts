/**
 * The text of a QR code, however the user has it.
 *
 * @module
 */
import { Failure } from 'hardkey';
import { isFile, readSmall } from '../../files.ts';
import { readArgument, STDIN, textOf, withoutLineEnd } from '../../input.ts';
import { pictureKind } from '../../pictures.ts';

/** The text: in the argument, on standard input, in a file, or in the picture that either of them is. */
export async function readQrText(argument: string): Promise<string> {
  if (argument !== STDIN && !isFile(argument)) checkBase45(argument);
  const bytes = isFile(argument) ? await readSmall(argument) : await readArgument(argument);
  if (pictureKind(bytes) !== undefined) {
    const { readQr } = await import('../../read-qr.ts');
    return readQr(bytes);
  }
  // Base45 has no line ends; what an editor puts at the end of a file is no part of the text.
  return textOf(isFile(argument) ? withoutLineEnd(bytes) : bytes, 'base45');
}

/** Of a name that is not there, the layer below would only say that it is cut short. */
function checkBase45(argument: string): void {
  const offset = argument.search(/[^0-9A-Z $%*+\-./:]/);
  if (offset === -1) return;
  throw new Failure('MALFORMED', 'neither the name of a file nor Base45', { field: 'base45', offset });
}
