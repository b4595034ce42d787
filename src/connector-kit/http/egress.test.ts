import { describe, expect, it } from 'vitest';
import { judgeAddress, parseEgressAllow, strictEgress } from './egress.ts';

describe('the egress rule', () => {
  it.each([
    '10.1.2.3',
    '192.168.0.9',
    '172.16.5.5',
    '203.0.113.9',
    '8.8.8.8',
    'fd12:3456::1',
    '2001:db8::5',
    '100.64.0.1',
  ])('lets %s through: public and private networks are normal', (address) =>
    expect(judgeAddress(strictEgress, 'host.example', address, 443)).toBe('allowed'),
  );

  it.each([
    '127.0.0.1', '127.9.9.9', '::1', '0.0.0.0', '0.1.2.3', '::', '169.254.10.10', 'fe80::1', '::ffff:127.0.0.1', '::ffff:7f00:1',
    '::127.0.0.1', '64:ff9b::7f00:1', '64:ff9b:1::7f00:1', '::ffff:0:7f00:1', '2002:7f00:1::', 'fe80::1%eth0', '[::1]', '::ffff:169.254.1.1',
  ])('keeps %s for the operator to allow', (address) =>
    expect(judgeAddress(strictEgress, 'host.example', address, 443)).toBe('local'),
  ); // prettier-ignore

  it.each([
    '169.254.169.254', 'fd00:ec2::254', '::ffff:169.254.169.254', '64:ff9b::a9fe:a9fe', '169.254.170.2', '100.100.100.200',
    '168.63.129.16', '::ffff:0:a9fe:a9fe', '64:ff9b:1::a9fe:a9fe', '2002:a9fe:a9fe::', '::169.254.169.254', '255.255.255.255', '224.0.0.1', 'ff02::1', 'not an address',
  ])('never lets %s through, whatever the operator allows', (address) => {
    const rule = parseEgressAllow(`host.example:*,169.254.169.254:*,[fd00:ec2::254]:*`);
    expect(judgeAddress(rule, 'host.example', address, 443)).toBe('never');
  }); // prettier-ignore

  it('allows a local target by its name or its address, on the port or any port', () => {
    const rule = parseEgressAllow('127.0.0.1:8421, localhost:*,[::1]:9');
    expect(judgeAddress(rule, 'localhost', '127.0.0.1', 5)).toBe('allowed');
    expect(judgeAddress(rule, 'LOCALHOST.', '::1', 5)).toBe('allowed');
    expect(judgeAddress(rule, 'other.example', '127.0.0.1', 8421)).toBe('allowed');
    expect(judgeAddress(rule, 'other.example', '::ffff:127.0.0.1', 8421)).toBe('allowed');
    expect(judgeAddress(rule, 'other.example', '127.0.0.1', 8422)).toBe('local');
    expect(judgeAddress(rule, 'other.example', '::1', 9)).toBe('allowed');
  });

  it.each(['localhost', 'localhost:', '127.0.0.1:x', '127.0.0.1:70000', '::1:80'])(
    'refuses the entry %s by name',
    (entry) => expect(() => parseEgressAllow(`127.0.0.1:1,${entry}`)).toThrow(entry),
  );

  it('is empty for an empty environment', () => {
    expect(parseEgressAllow(undefined)).toEqual(strictEgress);
    expect(parseEgressAllow(' , ')).toEqual(strictEgress);
  });
});
