import type { AttributeValue, HrTime } from '@opentelemetry/api';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace-base';

type ExportResult = Parameters<Parameters<SpanExporter['export']>[1]>[0];

/** Codes of ExportResult. */
const exported = 0;
const failed = 1;

/** Milliseconds that a collector has to take a batch of spans; tracing must never hold a worker up. */
const timeLimit = 10_000;

/**
 * Sends spans to an OpenTelemetry collector as OTLP over HTTP, in its JSON form. Names, times and attributes are sent;
 * messages of errors are not, since the product lets none leave the process that it has not looked at.
 *
 * It stands here because OpenTelemetry's own exporter of this generation comes with a package that runs a script when
 * it is installed.
 */
export class OtlpTraceExporter implements SpanExporter {
  constructor(
    /** Address of the collector's traces, such as http://127.0.0.1:4318/v1/traces. */
    private readonly url: string,
    private readonly headers: Readonly<Record<string, string>> = {},
  ) {}

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.send(spans).then(
      () => done({ code: exported }),
      (error: unknown) => done({ code: failed, error: error instanceof Error ? error : new Error(String(error)) }),
    );
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }

  private async send(spans: readonly ReadableSpan[]): Promise<void> {
    const response = await fetch(this.url, {
      method: 'POST',
      headers: { ...this.headers, 'content-type': 'application/json' },
      body: JSON.stringify(requestOf(spans)),
      signal: AbortSignal.timeout(timeLimit),
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`The collector answered ${response.status}.`);
  }
}

/** ExportTraceServiceRequest; spans of one process share their resource. */
function requestOf(spans: readonly ReadableSpan[]): object {
  const scopes = new Map<string, object[]>();
  for (const span of spans) {
    const { name } = span.instrumentationLibrary;
    scopes.set(name, [...(scopes.get(name) ?? []), spanOf(span)]);
  }
  return {
    resourceSpans: [
      {
        resource: { attributes: attributesOf(spans[0]?.resource.attributes ?? {}) },
        scopeSpans: [...scopes].map(([name, list]) => ({ scope: { name }, spans: list })),
      },
    ],
  };
}

function spanOf(span: ReadableSpan): object {
  const { traceId, spanId } = span.spanContext();
  return {
    traceId,
    spanId,
    ...(span.parentSpanId === undefined ? {} : { parentSpanId: span.parentSpanId }),
    name: span.name,
    // OTLP counts kinds from 1, the API from 0.
    kind: span.kind + 1,
    startTimeUnixNano: nanoseconds(span.startTime),
    endTimeUnixNano: nanoseconds(span.endTime),
    attributes: attributesOf(span.attributes),
    status: { code: span.status.code },
  };
}

function nanoseconds([seconds, rest]: HrTime): string {
  return (BigInt(seconds) * 1_000_000_000n + BigInt(rest)).toString();
}

function attributesOf(attributes: Readonly<Record<string, AttributeValue | undefined>>): object[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: valueOf(value) }],
  );
}

function valueOf(value: AttributeValue): object {
  if (Array.isArray(value)) {
    const values = (value as (string | number | boolean | null | undefined)[]).flatMap((each) =>
      each === null || each === undefined ? [] : [valueOf(each)],
    );
    return { arrayValue: { values } };
  }
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return { stringValue: String(value) };
}
