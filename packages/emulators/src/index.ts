/**
 * Emulators of cloud key services on loopback, for tests.
 *
 * @module
 */
export { type AzureKeyVault, type AzureKeyVaultOptions, startAzureKeyVault } from './azure/index.ts';
export type { Client } from './azure/roles.ts';
export type { Clock } from './clock.ts';
export type { Fault, Faults } from './faults.ts';
export { type GcpKms, type GcpKmsOptions, startGcpKms } from './gcp/index.ts';
export type { Denial, Permissions } from './gcp/permissions.ts';
