/** What a process had in hand belongs to another one now: it stops, and leaves everything as it is. */
export class WorkTaken extends Error {
  constructor(what: string) {
    super(`${what} is in the hands of another worker.`);
    this.name = 'WorkTaken';
  }
}
