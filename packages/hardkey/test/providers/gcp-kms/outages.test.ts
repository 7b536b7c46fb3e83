import { outages } from '../../support/outages.ts';
import { subject } from './subject.ts';

outages('Google Cloud KMS', (t) => subject(t, ['ES256']), { algorithm: 'ES256' });
