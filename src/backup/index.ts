export { backUpToFile, type BackupSummary, openBackupFile, writeBackup } from './backup.ts';
export { restoreBackup, type RestoreSummary } from './restore.ts';
export { backUpBeforeUpgrade } from './upgrade.ts';
