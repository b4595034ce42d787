export { examineMasterKey, openVault } from './master-key.ts';
