/** Rows of a list, and whether more follow. The position to go on from is the last row's. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly hasMore: boolean;
}

/** Cuts what was read with a limit of `pageSize + 1`. */
export function pageOf<Row>(rows: readonly Row[], pageSize: number): Page<Row> {
  return { rows: rows.slice(0, pageSize), hasMore: rows.length > pageSize };
}
