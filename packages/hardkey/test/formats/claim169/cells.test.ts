import assert from 'node:assert/strict';
import { test } from 'node:test';
import { identityFromCells, identityFromJson } from 'hardkey/formats/claim169';

test('cells are read as the types of their fields', () => {
  const cells = {
    id: '0017',
    fullName: 'Ama "K" Mensah',
    dateOfBirth: '19840418',
    gender: '2',
    photo: 'AAEC',
    bestQualityFingers: '1 6',
    face: '[{"data":"/9j/","format":0,"subFormat":1}]',
    unknown: '{"70":"gkEB"}',
  };
  const json = {
    ...cells,
    gender: 2,
    bestQualityFingers: [1, 6],
    face: [{ data: '/9j/', format: 0, subFormat: 1 }],
    unknown: { 70: 'gkEB' },
  };
  assert.deepEqual(identityFromCells(cells), identityFromJson(json));
});

test('an empty cell is a field that is not there', () => {
  assert.deepEqual(identityFromCells({ id: '7', fullName: '', gender: '', face: '' }), { id: '7' });
});

test('a cell that its field cannot hold names the field and not the value', () => {
  const refused = (cells: Readonly<Record<string, string>>, field: string, message: string) =>
    assert.throws(() => identityFromCells(cells), { code: 'ARGUMENT_INVALID', details: { field }, message });
  refused({ gender: 'female' }, 'identity.gender', 'the field is an integer');
  refused({ gender: '1e3' }, 'identity.gender', 'the field is an integer');
  refused({ bestQualityFingers: '1,6' }, 'identity.bestQualityFingers', 'the field is an integer');
  refused({ face: 'face.jpg' }, 'identity.face', 'the field is written in JSON');
  refused({ face: '{}' }, 'identity.face', 'the field is a list of biometric samples');
  refused({ photo: '%' }, 'identity.photo', 'bytes are written in base64');
  for (const name of ['name', 'toString', '__proto__', 'private'])
    refused(JSON.parse(`{"${name}":""}`), `identity.${name}`, 'no such field');
});
