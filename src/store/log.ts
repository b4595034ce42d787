/** What the rooms write their log with: the four calls of pino that they use. The object never holds a secret. */
export interface Log {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** For commands and tests that have nowhere to write to. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} };
