/**
 * Audit logs for `createKeys(providers, { audit })`: a file of chained records, and its verifier.
 *
 * @module
 */
export type { AuditLog, AuditRecord } from '../core/policy/audit.ts';
export type { AuditHead } from './chain.ts';
export { type AuditFile, type AuditFileConfig, auditFile } from './file.ts';
export { verifyAudit } from './verify.ts';
