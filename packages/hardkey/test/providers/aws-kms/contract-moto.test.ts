import { awsServers, moto } from '../../support/aws.ts';
import { contract } from '../../support/contract.ts';
import { WRAPS } from './absent.ts';
import { subject } from './subject.ts';

contract('AWS KMS, wrapping by the service', (t) => subject(t, moto, ['service']), {
  skip: awsServers.missing,
  notApplicable: WRAPS,
  deviations: {
    'unwrapping fails alike for wrong bytes, key and length':
      'moto answers AccessDeniedException to a ciphertext that names no key of its own',
    'a key that was destroyed is KEY_NOT_FOUND, and so is destroying it again':
      'moto fails with an HTML page where ScheduleKeyDeletion is given an ARN',
    'a suspended or compromised key is DENIED, until it is active again':
      'moto fails with an HTML page where DisableKey is given an ARN',
  },
});
