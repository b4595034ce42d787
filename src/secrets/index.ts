export { followKey, examineMasterKey, masterKeyHere, openVault } from './master-key.ts';
export { beginRotation, rewrapSecrets } from './rotation.ts';
