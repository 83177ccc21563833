// enketo-core carries no types: what we use of it is described where we use it.
declare module 'enketo-core/src/*';
declare module 'enketo-core' {
  export const Form: new (element: Element, data: Record<string, unknown>, options?: Record<string, unknown>) => any;
}
declare const __PRECACHE__: { url: string; hash: string }[];
declare module 'openrosa-xpath-evaluator' {
  type Result = { resultType: number; stringValue: string };
  export default function OpenRosaXPath(): { evaluate(...all: unknown[]): Result };
}
