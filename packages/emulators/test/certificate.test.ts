import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import { createAuthority } from '../src/certificate.ts';

test('RFC 5280 §4.1.2.2: a serial number is positive, of one length, and of one certificate', async () => {
  const authority = await createAuthority();
  const own = new X509Certificate(authority.certificate);
  const issued = new X509Certificate((await authority.issue(['localhost'])).chain);
  for (const { serialNumber } of [own, issued]) assert.match(serialNumber, /^01[0-9A-F]{30}$/);
  assert.notEqual(own.serialNumber, issued.serialNumber);
  assert.ok(issued.verify(own.publicKey));
  assert.ok(issued.checkIssued(own));
});
