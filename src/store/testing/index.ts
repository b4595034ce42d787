export { emptyTables, testDatabase, type TestDatabase } from './database.ts';
