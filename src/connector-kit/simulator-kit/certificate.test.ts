import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fingerprintOf, selfSignedCertificate } from './certificate.ts';

const options = {
  commonName: 'Console of Northwind',
  organization: 'Northwind Trading',
  hosts: ['localhost', '127.0.0.1'],
  notBefore: new Date('2026-01-02T03:04:05Z'),
  notAfter: new Date('2053-06-07T08:09:10Z'),
};

describe('a self-signed certificate', () => {
  it('names its subject as issuer too, its hosts, its days, and is signed by its own key', () => {
    const made = selfSignedCertificate(options);
    const certificate = new X509Certificate(made.cert);
    expect(certificate.subject).toBe('CN=Console of Northwind\nO=Northwind Trading');
    expect(certificate.issuer).toBe(certificate.subject);
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkIssued(certificate)).toBe(true);
    expect(certificate.ca).toBe(true);
    expect(certificate.checkHost('localhost')).toBe('localhost');
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.validFromDate).toEqual(options.notBefore);
    expect(certificate.validToDate).toEqual(options.notAfter);
    expect(certificate.checkPrivateKey(createPrivateKey(made.key))).toBe(true);
  });

  it('is another one each time, told apart by its fingerprint', () => {
    const [one, two] = [selfSignedCertificate(options), selfSignedCertificate(options)];
    expect(fingerprintOf(one.cert)).toMatch(/^[0-9a-f]{64}$/);
    expect(fingerprintOf(one.cert)).not.toBe(fingerprintOf(two.cert));
    expect(new X509Certificate(two.cert).checkPrivateKey(createPrivateKey(one.key))).toBe(false);
  });

  it('has no year that a certificate cannot say', () => {
    expect(() => selfSignedCertificate({ ...options, notBefore: new Date('1899-01-01T00:00:00Z') })).toThrow(
      'A certificate cannot name the year 1899.',
    );
  });
});
