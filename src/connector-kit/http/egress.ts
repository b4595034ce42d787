/** The operator's rule on where connections may go. */
export interface EgressRule {
  /** Entries `host:port` or `host:*` that allow loopback and link-local targets. */
  readonly allow: readonly { readonly host: string; readonly port: number | null }[];
}
