// The same loop in Node.js: pkcs11js, one session, nothing around it. With `apart` it signs what comes by the
// socket of descriptor 3, and nothing is around that either.
const { readSync, writeSync } = require('node:fs');
const pkcs11js = require('pkcs11js');

const [module_, token, label, mechanism, length, pin, apart] = process.argv.slice(2);
const p11 = new pkcs11js.PKCS11();
p11.load(module_);
p11.C_Initialize({ flags: 2 });
const slot = p11.C_GetSlotList(true).find((one) => p11.C_GetTokenInfo(one).label.startsWith(token));
const session = p11.C_OpenSession(slot, 4);
p11.C_Login(session, 1, pin);
p11.C_FindObjectsInit(session, [
  { type: 0, value: 3 },
  { type: 3, value: label },
]);
const [key] = p11.C_FindObjects(session, 1);
p11.C_FindObjectsFinal(session);
const message = Buffer.alloc(Number(length), 0x5a);
const sign = () => {
  p11.C_SignInit(session, { mechanism: Number(mechanism), parameter: null }, key);
  return p11.C_Sign(session, message, Buffer.alloc(64));
};
while (apart && readSync(3, message) > 0) writeSync(3, sign());
let rest = '';
process.stdin.on('data', (chunk) => {
  rest += chunk;
  for (let end = rest.indexOf('\n'); end !== -1; end = rest.indexOf('\n')) {
    const calls = Number(rest.slice(0, end));
    rest = rest.slice(end + 1);
    const began = process.hrtime.bigint();
    for (let i = 0; i < calls; i++) message[0] = sign()[0];
    process.stdout.write(`${Number(process.hrtime.bigint() - began) / 1000 / calls}\n`);
  }
});
