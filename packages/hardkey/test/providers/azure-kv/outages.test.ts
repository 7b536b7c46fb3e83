import { outages } from '../../support/outages.ts';
import { subject } from './subject.ts';

outages('Azure Key Vault', (t) => subject(t, ['ES256']), { algorithm: 'ES256' });
