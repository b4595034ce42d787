export { backUpToFile, type BackupSummary, openBackupFile, writeBackup } from './backup.ts';
export { restoreBackup } from './restore.ts';
export { backUpBeforeUpgrade } from './upgrade.ts';
