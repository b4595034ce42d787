import { context, diag, DiagLogLevel, trace } from '@opentelemetry/api';
import type { JsonLog } from './log.ts';

/** What a process that tells its traces can stop. */
export interface TraceExport {
  /** Sends what is left, for a few seconds at most. */
  stop(): Promise<void>;
}

export interface TraceExportOptions {
  /** The standard variables of OpenTelemetry, of which these are read here; the exporter reads those of the protocol. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly version: string;
  readonly log: JsonLog;
}

const STOP_PATIENCE_MS = 3000;

/**
 * Starts to send spans where `OTEL_EXPORTER_OTLP_ENDPOINT` (or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`) names a collector,
 * by OTLP over HTTP as JSON; null where none is named or `OTEL_SDK_DISABLED` is true. The SDK is loaded only then.
 * `OTEL_TRACES_SAMPLER_ARG` from 0 to 1 keeps that share of traces; default: all.
 * Variables: https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/
 */
export async function startTraceExport(options: TraceExportOptions): Promise<TraceExport | null> {
  const { environment, version, log } = options;
  const isWanted =
    Boolean(environment['OTEL_EXPORTER_OTLP_ENDPOINT'] || environment['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT']) &&
    environment['OTEL_SDK_DISABLED']?.toLowerCase() !== 'true';
  if (!isWanted) return null;
  const [sdk, { OTLPTraceExporter }, resources, { AsyncLocalStorageContextManager }] = await Promise.all([
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/context-async-hooks'),
  ]);
  diag.setLogger(complaints(log), { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
  const provider = new sdk.TracerProvider({
    resource: resources.defaultResource().merge(
      resources
        .resourceFromAttributes({ 'service.name': 'usher', 'service.version': version })
        // OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES go before.
        .merge(
          resources.detectResources({
            detectors: [resources.serviceNameEnvDetector, resources.resourceAttributesEnvDetector],
          }),
        ),
    ),
    sampler: new sdk.ParentBasedSampler({
      root: new sdk.TraceIdRatioBasedSampler(shareOf(environment['OTEL_TRACES_SAMPLER_ARG'])),
    }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  });
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  trace.setGlobalTracerProvider(provider);
  return { stop: () => within(STOP_PATIENCE_MS, provider.shutdown()) };
}

function shareOf(text: string | undefined): number {
  const share = Number(text || 1);
  return share >= 0 && share <= 1 ? share : 1;
}

/** What the SDK has to complain of, a level down: a collector that is away hurts nobody but who looks for traces. */
function complaints(log: JsonLog): Parameters<typeof diag.setLogger>[0] {
  const warn = (message: string): void => log.warn({ room: 'telemetry' }, message);
  const ignore = (): void => undefined;
  return { error: warn, warn, info: ignore, debug: ignore, verbose: ignore };
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const patience = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([work.catch(() => undefined), patience]);
  clearTimeout(timer);
}
