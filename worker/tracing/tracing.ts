import { createRequire } from 'node:module';
import { Resource } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { OpenTelemetryActivityInboundInterceptor, makeWorkflowExporter } from '@temporalio/interceptors-opentelemetry';
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import type { OpenTelemetrySinks } from '@temporalio/interceptors-opentelemetry';
import { AsyncContextManager } from './contextManager.js';
import { OtlpTraceExporter } from './traceExporter.js';

export interface Tracing {
  /** To stand outside of all others, so that it sees what they let out. */
  readonly activityInterceptor: ActivityInterceptorsFactory;
  readonly sinks: InjectedSinks<OpenTelemetrySinks>;
  /** Sends what is left. */
  stop(): Promise<void>;
}

/** Module with the workflow side of tracing; it goes into the workflow bundle. */
export function tracingWorkflowModule(): string {
  return createRequire(import.meta.url).resolve('@temporalio/interceptors-opentelemetry/lib/workflow-interceptors');
}

/** Where traces go: OpenTelemetry's own variables; null: nobody asked for traces. */
export function traceAddress(variables: NodeJS.ProcessEnv): string | null {
  const exact = variables['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'];
  if (exact) return exact;
  const base = variables['OTEL_EXPORTER_OTLP_ENDPOINT'];
  return base ? `${base.replace(/\/+$/, '')}/v1/traces` : null;
}

/**
 * Traces of workflows, children and activities, if OTEL_EXPORTER_OTLP_ENDPOINT names a collector (OTLP over HTTP).
 * OTEL_EXPORTER_OTLP_HEADERS (a=b,c=d) and OTEL_SERVICE_NAME are read too. Workers of one task queue must all trace or
 * none: the tracing of workflows may add steps to their order of work.
 */
export function startTracing(variables: NodeJS.ProcessEnv): Tracing | null {
  const address = traceAddress(variables);
  if (address === null) return null;
  const resource = new Resource({ 'service.name': variables['OTEL_SERVICE_NAME'] || 'outsystems-refresh' });
  const processor = new BatchSpanProcessor(
    new OtlpTraceExporter(address, headersOf(variables['OTEL_EXPORTER_OTLP_HEADERS'] ?? '')),
  );
  const provider = new BasicTracerProvider({ resource, spanProcessors: [processor] });
  // What carries the trace from a workflow to its activities is global to the process.
  provider.register({ contextManager: new AsyncContextManager() });
  const tracer = provider.getTracer('@temporalio/interceptors-opentelemetry');
  return {
    activityInterceptor: (context) => ({ inbound: new OpenTelemetryActivityInboundInterceptor(context, { tracer }) }),
    sinks: { exporter: makeWorkflowExporter(processor, resource) },
    stop: () => provider.shutdown(),
  };
}

function headersOf(text: string): Record<string, string> {
  return Object.fromEntries(
    text
      .split(',')
      .map((pair) => /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(pair))
      .flatMap((match) => (match === null ? [] : [[match[1], decodeURIComponent(match[2] ?? '')]])),
  ) as Record<string, string>;
}
