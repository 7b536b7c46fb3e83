import { awsServers, ministack } from '../../support/aws.ts';
import { outages } from '../../support/outages.ts';
import { subject } from './subject.ts';

outages('AWS KMS', (t) => subject(t, ministack, ['ES256']), {
  algorithm: 'ES256',
  skip: awsServers.missing,
});
