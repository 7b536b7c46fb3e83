import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verifyAudit } from '../../src/audit/index.ts';
import { failsWith } from '../support/failures.ts';

// Made with sha256sum, not by the code under test.
const LINES = [
  '{"seq":1,"prev":"0000000000000000000000000000000000000000000000000000000000000000","operation":"sign","ref":"memory:a","outcome":"OK"}',
  '{"seq":2,"prev":"@1","operation":"open","ref":"memory:ü","outcome":"KEY_NOT_FOUND"}',
  '{"seq":3,"prev":"@2","operation":"sign","ref":"memory:a","outcome":"OK"}',
];
