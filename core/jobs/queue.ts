/** What a queue carries of a run: where it belongs, and nothing of what it is about. */
export interface Ticket {
  /** A UUID; the queue takes each once. */
  id: string;
  /** 0 to 100, higher is sooner. */
  priority: number;
  /** Milliseconds before which nobody is to take it. */
  delay: number;
}

/**
 * Brings tickets from whoever enqueues to a worker that has room: Bull on Redis or pg-boss on PostgreSQL. A ticket may arrive twice
 * or never; the runs in PostgreSQL see to it that neither matters.
 */
export interface JobQueue {
  readonly kind: 'bull' | 'pg-boss';
  /** Takes tickets of one job; rejects where the queue is away, and then may have taken some. */
  add(job: string, tickets: readonly Ticket[]): Promise<void>;
  /** Which of these nobody has taken yet. */
  waiting(job: string, ids: readonly string[]): Promise<Set<string>>;
  /** Forgets tickets that nobody is to take any more. */
  remove(job: string, ids: readonly string[]): Promise<void>;
  /** Has tickets of a job taken in this process, so many at once; `take` never rejects, and tells why a run failed. */
  work(job: string, concurrency: number, take: (id: string) => Promise<Error | undefined>): Promise<void>;
  /** Throws where the queue does not answer. */
  check(): Promise<void>;
  /** Takes no more tickets; those under way go on. */
  rest(): Promise<void>;
  close(): Promise<void>;
}
