/** The paths that StackOne's clients call: its error frame and its Basic credentials are spoken there. */
const COMPATIBLE = /^\/(?:unified|actions|accounts|connectors)(?:[/?]|$)/u;

/** Whether a request target (path and query) is on a StackOne-compatible path. */
export function isCompatiblePath(url: string): boolean {
  return COMPATIBLE.test(url);
}
