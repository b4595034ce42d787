export type { CallTrace, HttpAnswer, HttpBody, HttpClient, HttpRequest, HttpStream, RequestPreview } from './types.ts';
