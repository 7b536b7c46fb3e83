import { outages } from '../../support/outages.ts';
import { missing, subject } from './subject.ts';

outages('Transit', subject, { algorithm: 'Ed25519', skip: missing });
