// What is on this phone, of which version and since when; what the browser promises; leaving.
import { bytes, moment, pick, t } from '../words';
import type { App, View } from './app';
import { button, h, type Child } from './dom';
import { meter } from './drafts';
import { handOver, takeOver } from './handover';
import { readingPanel } from './reading';
import { ask, say } from './overlay';
import { forgetPrefs } from './prefs';
import type { StorageState } from './ports';

export async function phoneScreen(app: App): Promise<View> {
  const device = app.phone.device();
  return {
    title: t('phone.title'),
    subtitle: device?.person.name ?? '',
    body: h('div', { class: 'stack' }, keptPanel(app), await formsPanel(app), storagePanel(app, await app.phone.storage()),
      readingPanel(), handOverPanel(app), leavePanel(app), h('p', { class: 'muted small' }, t('phone.limits'))),
  };
}

function keptPanel(app: App): HTMLElement {
  const pack = app.phone.package();
  const rows: [string, Child][] = [
    [t('phone.refreshed'), app.phone.refreshed() ? moment(app.phone.refreshed()) : t('phone.never')],
    [t('phone.made'), pack ? moment(pack.made_at) : '–'],
    [t('phone.schools'), pack?.schools.length ?? 0],
    [t('phone.findings'), pack?.findings.length ?? 0],
    [t('phone.known'), pack?.known.length ?? 0],
    [t('phone.device'), app.phone.device()?.device ?? ''],
  ];
  return h('section', { class: 'panel' }, h('h2', {}, t('phone.kept')),
    h('dl', { class: 'facts' }, rows.map(([name, value]) => [h('dt', {}, name), h('dd', {}, value)])),
    button(t('phone.refresh'), () => void refresh(app), { icon: 'refresh', kind: 'btn-wide', attributes: { 'data-focus': 'refresh' } }),
    h('p', {}, h('a', { href: '#/help' }, t('help.title'))));
}

async function refresh(app: App): Promise<void> {
  say(t('phone.refreshing'));
  const result = await app.phone.refresh();
  if (result === 'revoked') { app.go('#/'); return; }
  say(t(`phone.refresh.${result}`));
  await app.show();
}

async function formsPanel(app: App): Promise<HTMLElement> {
  const forms = await app.phone.forms();
  return h('section', { class: 'panel panel-flush' }, h('div', { class: 'head' }, h('h2', {}, t('phone.forms', { count: forms.length }))),
    h('ul', { class: 'rows' }, forms.map(({ entry, kept, bytes: size }) => h('li', { class: 'row' },
      h('span', { class: 'grow' }, h('b', {}, pick(entry.title)), h('span', { class: 'muted small line' }, t('phone.version', { version: entry.version }), size ? ` · ${bytes(size)}` : '')),
      h('span', { class: `tag ${kept ? 'tag-green' : 'tag-yellow'}` }, t(kept ? 'phone.form.kept' : 'phone.form.missing'))))));
}

function storagePanel(app: App, state: StorageState): HTMLElement {
  const share = state.quota ? state.used / state.quota : 0;
  const words = state.quota ? t('phone.storage.used', { used: bytes(state.used), quota: bytes(state.quota) }) : t('phone.storage.unknown', { used: bytes(state.used) });
  return h('section', { class: 'panel' }, h('h2', {}, t('phone.storage')),
    state.quota ? meter(Math.round(share * 1000), 1000, words) : null, h('p', {}, words),
    state.media ? h('p', { class: 'muted' }, t('phone.storage.media', { size: bytes(state.media) })) : null,
    share > 0.8 ? h('p', { class: 'notice notice-bad' }, t('phone.storage.full')) : null,
    state.copied ? null : h('p', { class: 'notice notice-mild' }, t('phone.uncopied')),
    state.persisted ? h('p', { class: 'notice notice-good' }, t('phone.persisted'))
      : h('div', { class: 'notice notice-mild' }, h('p', {}, t('phone.persist.no')), h('p', {}, t('phone.persist.do')),
        button(t('phone.persist.ask'), () => void app.phone.askPersistence().then((given) => {
          say(t(given ? 'phone.persist.given' : 'phone.persist.denied'));
          return app.show();
        }))));
}

function handOverPanel(app: App): HTMLElement {
  const all = async () => {
    const ids = (await app.phone.drafts()).filter((draft) => draft.state !== 'sent').map((draft) => draft.id);
    if (ids.length) await handOver(app, ids);
    else say(t('handover.nothing'));
  };
  return h('section', { class: 'panel' }, h('h2', {}, t('handover.title')), h('p', { class: 'muted' }, t('handover.words')),
    h('div', { class: 'buttons' }, button(t('handover.export'), () => void all(), { icon: 'share' }), button(t('handover.import'), () => takeOver(app))));
}

function leavePanel(app: App): HTMLElement {
  const leave = async () => {
    const unsent = (await app.phone.drafts()).filter((draft) => draft.state !== 'sent').length;
    const words = unsent ? h('p', { class: 'notice notice-bad' }, t('phone.leave.unsent', { count: unsent })) : h('p', {}, t('phone.leave.clean'));
    if (!(await ask(t('phone.leave'), words, t(unsent ? 'phone.leave.anyway' : 'phone.leave'), unsent > 0))) return;
    await app.phone.signOut();
    forgetPrefs();
    app.go('#/');
    await app.show();
  };
  return h('section', { class: 'panel' }, h('h2', {}, t('phone.leave')), h('p', { class: 'muted' }, t('phone.leave.words')),
    button(t('phone.leave'), () => void leave(), { kind: 'btn-danger btn-wide' }));
}
