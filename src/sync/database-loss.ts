/** SQLSTATE classes and codes that say the database went away rather than that a statement was wrong. */
const LOST_CLASSES = ['08', '57P'];
const LOST_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ENOENT', 'ETIMEDOUT', '53300', '53400']);

/** Whether an error means that the database is gone for the moment: the work is then tried again when it is back. */
export function isDatabaseLoss(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const code: unknown = 'code' in thrown ? thrown.code : undefined;
  if (typeof code === 'string' && isLostCode(thrown, code)) return true;
  return /connection terminated|server closed the connection|client has encountered a connection error|database system is (starting|shutting)/i.test(
    thrown.message,
  );
}

function isLostCode(thrown: Error, code: string): boolean {
  if (LOST_CLASSES.some((prefix) => code.startsWith(prefix))) return true;
  // Errors of the socket to the database; those of the app were wrapped by the HTTP client and are UsherErrors.
  return LOST_CODES.has(code) && thrown.name !== 'UsherError';
}
