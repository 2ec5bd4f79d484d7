import type { BulkLoadRequest, ResultSink } from '../api.js';
import { unsupported } from '../../tsql/unsupported.js';
import type { Session } from '../session/session.js';

export async function runBulkLoad(_session: Session, _request: BulkLoadRequest, _sink: ResultSink): Promise<void> {
  return Promise.reject(unsupported('INSERT BULK'));
}
