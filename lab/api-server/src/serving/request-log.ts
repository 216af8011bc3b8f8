/** One served request, as an audit log would have it. */
export interface RequestRecord {
  readonly verb: string;
  /** `services`, `services/status`; empty for a path that names no resource. */
  readonly resource: string;
  readonly user: string;
  readonly path: string;
  readonly code: number;
}

/** The requests that the server has answered. */
export interface RequestLog {
  readonly records: readonly RequestRecord[];
  /** Requests that can change something: create, update, patch, delete, deletecollection. */
  writes: () => readonly RequestRecord[];
  /** Counts by `verb resource user`. */
  counts: () => Readonly<Record<string, number>>;
  clear: () => void;
}

const writing = new Set(["create", "update", "patch", "delete", "deletecollection"]);

/** A log that keeps the last `limit` requests. */
export function createRequestLog(limit: number): RequestLog & { add: (record: RequestRecord) => void } {
  let records: RequestRecord[] = [];
  return {
    get records() {
      return records;
    },
    writes: () => records.filter((record) => writing.has(record.verb)),
    counts: () => {
      const counts: Record<string, number> = {};
      for (const { verb, resource, user } of records) {
        const key = `${verb} ${resource} ${user}`;
        counts[key] = (counts[key] ?? 0) + 1;
      }
      return counts;
    },
    clear: () => {
      records = [];
    },
    add: (record) => {
      records.push(record);
      if (records.length > limit * 2) records = records.slice(-limit);
    },
  };
}
