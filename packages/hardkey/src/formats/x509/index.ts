/**
 * Requests for certificates, signed by keys wherever they are.
 *
 * @module
 */
export { createCertificateRequest, type RequestOptions } from './request.ts';
