import type { AnyRecord } from '../../model/records.ts';
import { encodeRecord, type EncodedRecord } from './encode.ts';
import { kindDescription } from './kinds.ts';

/** Encodes a record of whatever kind it is. */
export function encodeAny(record: AnyRecord): EncodedRecord {
  switch (record.kind) {
    case 'account':
      return encodeRecord(kindDescription('account'), record);
    case 'group':
      return encodeRecord(kindDescription('group'), record);
    case 'role':
      return encodeRecord(kindDescription('role'), record);
    case 'resource':
      return encodeRecord(kindDescription('resource'), record);
    case 'credential':
      return encodeRecord(kindDescription('credential'), record);
    default:
      return encodeRecord(kindDescription('grant'), record);
  }
}
