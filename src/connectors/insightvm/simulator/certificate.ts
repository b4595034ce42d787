import { type KeyedCertificate, selfSignedCertificate } from '../../../connector-kit/simulator-kit/certificate.ts';

const YEARS = 10;

/** As a console presents it out of the box (recordings of JupiterOne/graph-rapid7). */
export function newCertificate(now: Date): KeyedCertificate {
  const [notBefore, notAfter] = [new Date(now), new Date(now)];
  notBefore.setUTCDate(now.getUTCDate() - 1);
  notAfter.setUTCFullYear(now.getUTCFullYear() + YEARS);
  return selfSignedCertificate({
    commonName: 'Rapid7 Security Console',
    organization: 'Rapid7',
    hosts: ['localhost', '127.0.0.1'],
    notBefore,
    notAfter,
  });
}
