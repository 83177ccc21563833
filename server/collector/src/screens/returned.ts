// What the reviewer sent back, with the remark; and what it takes to answer it.
import type { Returned } from '../contract';
import { day, pick, t } from '../words';
import { link, type App, type View } from './app';
import { button, h } from './dom';
import { formTitle } from './titles';

export async function returnedScreen(app: App): Promise<View> {
  const pack = app.phone.package();
  const drafts = new Map((await app.phone.drafts()).map((draft) => [draft.deprecated_id, draft]));
  const open = pack?.returned ?? [];
  const name = (unit: string) => {
    const school = pack?.schools.find((each) => each.code === unit);
    return school ? pick({ zh: school.name, en: school.name_en }) : unit;
  };
  const card = (each: Returned): HTMLElement => {
    const begun = drafts.get(each.instance_id);
    const done = begun && begun.state !== 'draft';
    return h('article', { class: 'panel' }, h('h2', {}, name(each.unit)), h('p', {}, formTitle(each.form_id)),
      h('blockquote', { class: 'notice notice-mild remark' }, h('p', {}, h('b', {}, t('returned.remark', { on: day(each.reviewed_on) }))), h('p', {}, each.remark)),
      done ? h('p', { class: 'muted' }, h('a', { href: '#/queue' }, t('returned.done')))
        : button(begun ? t('returned.go_on') : t('returned.open'), async () => {
          const draft = begun ?? (await app.phone.correct(each));
          app.go(link('fill', draft.id));
        }, { kind: 'btn-main btn-wide' }));
  };
  return {
    title: t('returned.title'),
    body: open.length ? h('ul', { class: 'cards' }, open.map((each) => h('li', {}, card(each)))) : h('p', { class: 'panel nothing' }, t('returned.none')),
  };
}
