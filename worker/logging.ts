import { Runtime, makeTelemetryFilterString, type LogLevel, type LogMetadata, type Logger } from '@temporalio/worker';
import { pino, type Logger as PinoLogger } from 'pino';
import { prometheus } from './metrics.js';

export type WorkerLog = PinoLogger;

/** Log levels of REFRESH_LOG_LEVEL. */
const levels = ['trace', 'debug', 'info', 'warn', 'error', 'silent'];

/** One JSON line an event on standard output. Lines carry names and counts, never row values or credentials. */
export function createLog(level: string | undefined = process.env['REFRESH_LOG_LEVEL']): WorkerLog {
  const known = level !== undefined && levels.includes(level) ? level : 'info';
  return pino({ level: known, base: { service: 'refresh-worker' }, timestamp: pino.stdTimeFunctions.isoTime });
}

let installed = false;

/**
 * Makes Temporal's runtime log through ours and serve Prometheus metrics if an address is given. It can be done once in
 * a process and before anything else of Temporal's, so later calls change nothing.
 */
export function installRuntime(log: WorkerLog, metrics: string | undefined): void {
  if (installed) return;
  installed = true;
  Runtime.install({
    logger: temporalLogger(log),
    telemetryOptions: {
      logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) },
      ...(metrics === undefined ? {} : { metrics: prometheus(metrics) }),
    },
  });
}

/** Temporal's lines on our log. */
export function temporalLogger(log: WorkerLog): Logger {
  return new TemporalLogger(log);
}

class TemporalLogger implements Logger {
  constructor(private readonly pinoLog: PinoLogger) {}

  log(level: LogLevel, message: string, meta?: LogMetadata): void {
    this.pinoLog[pinoLevel(level)](plain(meta), message);
  }
  trace(message: string, meta?: LogMetadata): void {
    this.log('TRACE', message, meta);
  }
  debug(message: string, meta?: LogMetadata): void {
    this.log('DEBUG', message, meta);
  }
  info(message: string, meta?: LogMetadata): void {
    this.log('INFO', message, meta);
  }
  warn(message: string, meta?: LogMetadata): void {
    this.log('WARN', message, meta);
  }
  error(message: string, meta?: LogMetadata): void {
    this.log('ERROR', message, meta);
  }
}

function pinoLevel(level: LogLevel): 'trace' | 'debug' | 'info' | 'warn' | 'error' {
  return level.toLowerCase() as Lowercase<LogLevel>;
}

/** Temporal attaches a bigint time, which JSON has no form for, and errors, of which the name and message suffice. */
function plain(meta: LogMetadata | undefined): Record<string, unknown> {
  const fields = Object.entries(meta ?? {}).map(([name, value]) => {
    if (value instanceof Error) return [name, { name: value.name, message: value.message }];
    return [name, typeof value === 'bigint' ? value.toString() : value];
  });
  return Object.fromEntries(fields) as Record<string, unknown>;
}
