import { contract } from '../../support/contract.ts';
import { missing, subject } from './subject.ts';

contract('Transit', subject, {
  skip: missing,
  notApplicable: { 'both sides of an agreement have the same secret': 'no key claims to agree' },
});
