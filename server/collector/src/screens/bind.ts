// Binding this phone to a person: sign in with a password, or open the link or QR code that the office gave.
import { t } from '../words';
import type { App, View } from './app';
import { button, h } from './dom';
import { PhoneProblem } from './ports';
import { pick } from '../words';

export function bindScreen(app: App): View {
  const problem = h('p', { class: 'notice notice-bad', role: 'alert', hidden: true });
  const name = h('input', { class: 'input', value: phoneName(), maxlength: 60, autocomplete: 'off' });
  const code = h('input', { class: 'input', autocomplete: 'off', spellcheck: 'false', placeholder: 'https://' });
  const attempt = async (bind: () => Promise<unknown>) => {
    problem.hidden = true;
    try {
      await bind();
      // Home at once: what is being brought appears there, and nobody is called back from what he has opened meanwhile.
      app.go('#/');
      await app.phone.refresh();
    } catch (error) {
      if (error instanceof PhoneProblem && error.code === 'sign-in') {
        location.href = `/sign-in?next=${encodeURIComponent(import.meta.env.BASE_URL)}`;
        return;
      }
      problem.textContent = error instanceof PhoneProblem ? pick(error.words) : t('bind.failed');
      problem.hidden = false;
    }
  };
  // A link or QR code of the office opens this page with its code behind #.
  const given = /[#&]code=([^&]+)/.exec(location.hash)?.[1];
  if (given) void attempt(() => app.phone.bindWith(decodeURIComponent(given)));
  const byLink = h('form', { class: 'stack', onsubmit: (event) => {
    event.preventDefault();
    void attempt(() => app.phone.bindWith(code.value.trim()));
  } }, h('label', { class: 'field' }, h('span', {}, t('bind.code')), code), h('button', { type: 'submit', class: 'btn btn-wide' }, t('bind.code.use')));
  return {
    title: t('bind.title'),
    body: h('div', { class: 'bind stack' },
      h('div', { class: 'panel' }, h('h2', {}, t('bind.head')), h('p', {}, t('bind.words')), problem,
        h('label', { class: 'field' }, h('span', {}, t('bind.name')), name),
        button(t('bind.do'), () => void attempt(() => app.phone.bind(name.value.trim() || phoneName())), { kind: 'btn-main btn-wide' })),
      h('details', { class: 'panel' }, h('summary', {}, t('bind.other')), h('p', { class: 'muted' }, t('bind.other.words')), byLink),
      h('ul', { class: 'panel points' }, (['bind.point.offline', 'bind.point.safe', 'bind.point.lost'] as const).map((key) => h('li', {}, t(key))))),
  };
}

/** What the person may recognise the phone by in the list of phones. */
function phoneName(): string {
  const agent = navigator.userAgent;
  const model = /Android [\d.]+; ([^;)]+?)(?: Build|[;)])/.exec(agent)?.[1];
  if (model && model !== 'K') return model;
  if (/iPhone/.test(agent)) return 'iPhone';
  if (/iPad/.test(agent)) return 'iPad';
  return /Android|HarmonyOS/.test(agent) ? t('bind.name.phone') : t('bind.name.computer');
}
