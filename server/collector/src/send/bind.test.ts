import { expect, it } from 'vitest';
import { codeIn } from './bind';

it.each([
  ['https://district.example/collect/#code=AB%2Dc', 'AB-c'],
  ['https://district.example/collect/?x=1&code=abc ', 'abc'],
  ['  abc\n', 'abc'],
])('the code in %s is %s', (text, code) => {
  expect(codeIn(text)).toBe(code);
});
