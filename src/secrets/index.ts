export { openVault } from './master-key.ts';
