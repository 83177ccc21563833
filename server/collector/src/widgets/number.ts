// A number with big steps down and up beside it.
import { beside, namedButton, setControl } from './kit';

export function stepper(input: HTMLInputElement, whole: boolean): void {
  if (input.readOnly) return;
  input.type = 'number';
  input.inputMode = whole ? 'numeric' : 'decimal';
  input.step = whole ? '1' : 'any';
  const step = (by: number) => () => {
    const next = (Number(input.value) || 0) + by;
    setControl(input, String(whole ? Math.max(0, Math.trunc(next)) : Math.round(next * 1e6) / 1e6));
  };
  beside(input, namedButton('minus', 'widget.less', step(-1)), namedButton('plus', 'widget.more', step(1)));
  input.parentElement!.classList.add('stepper');
  // A wheel over a number must not change it unseen.
  input.addEventListener('wheel', () => input.blur(), { passive: true });
}
