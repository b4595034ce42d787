export { examineMasterKey, masterKeyHere, openVault } from './master-key.ts';
