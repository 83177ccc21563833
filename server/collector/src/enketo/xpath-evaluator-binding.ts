// How Enketo evaluates expressions. A calculation without a number gives nothing, as in ODK Collect's engine, which keeps
// no NaN: left alone, the word "NaN" would stand in the submission.
import OpenRosaXPath from 'openrosa-xpath-evaluator';

const STRING = 2;

export default function bind(this: { xml: { jsEvaluate: unknown } }): void {
  const evaluator = OpenRosaXPath();
  this.xml.jsEvaluate = (expression: string, node: Node, resolver: unknown, kind: number, result: unknown) => {
    const found = evaluator.evaluate(expression, node, resolver, kind, result);
    return kind === STRING && found.stringValue === 'NaN' ? { resultType: STRING, stringValue: '' } : found;
  };
}
