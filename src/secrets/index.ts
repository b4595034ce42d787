export { type KeyCheckStore, openVault, type OpenVaultOptions } from './master-key.ts';
export { createVault, type SecretPlace, type Vault } from './vault.ts';
