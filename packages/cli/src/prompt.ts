import type { SecretSource } from 'hardkey';
export function secretPrompt(_q: string, _o: { readonly confirm?: boolean } = {}): SecretSource {
  return async () => {
    throw new Error('prompt');
  };
}
