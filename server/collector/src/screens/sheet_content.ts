// What the feedback sheet says, whether it is shown as a page, printed, or drawn as a picture.
import type { Draft, FormBody, Light, Proposed } from '../contract';
import { propose, tally } from '../engine/findings';
import { parseInstance, readAnswers, type Answer } from '../engine/instance';
import { moment, pick, t } from '../words';
import { severityWords } from './findings';
import { lightWord } from './lights';
import { fitting } from './qr';
import { titleOf } from './signoff';
import { unitName } from './titles';

export type SheetContent = {
  facts: [string, string][];
  lights: { red: number; yellow: number; green: number };
  findings: SheetFinding[];
  said: [string, string][]; // what the school said, and what went well
  signs: { words: string; file: string }[]; // file '': not signed yet
  code: string; // the text of the QR code
  id: string;
  name: string; // of a file that holds the sheet, without its ending
};
export type SheetFinding = { light: Light; title: string; fact: string; small: string; photos: string[] };

export function sheetContent(draft: Draft, body: FormBody, inspector: string): SheetContent {
  const answers = readAnswers(parseInstance(draft.xml).documentElement, body.items);
  const visit = new Visit(body, answers);
  const proposed = propose(body, answers);
  const lights = tally(body.items, answers, 0);
  const at = moment(visit.value('hd_a01') || draft.created_at, new Date(0));
  return {
    facts: facts(draft, body, visit, at, inspector), lights, findings: proposed.map(finding), said: said(visit),
    signs: [{ words: t('sheet.sign.inspector'), file: visit.value('ft_a13') }, { words: t('sheet.sign.school'), file: visit.value('ft_a14') }],
    code: summary(draft, proposed, lights), id: draft.id,
    name: [t('sheet.title'), unitName(draft), at.slice(0, 10)].join('-').replace(/[^\p{L}\p{N}-]+/gu, '_'),
  };
}

/** The answers of the common header and footer, by the names they have in every full checklist. */
class Visit {
  constructor(private readonly body: FormBody, private readonly answers: readonly Answer[]) {}

  value(name: string): string {
    return this.answers.find((each) => each.item === name)?.value ?? '';
  }

  words(name: string): string {
    const value = this.value(name);
    const choice = this.body.items.find((each) => each.name === name)?.choices.find((each) => each.value === value);
    return choice ? pick(choice.words) : value;
  }
}

function facts(draft: Draft, body: FormBody, visit: Visit, at: string, inspector: string): [string, string][] {
  const rows: [string, string][] = [
    [t('sheet.school'), `${unitName(draft)}${draft.unit ? ` (${draft.unit})` : ''}`],
    [t('sheet.at'), at],
    [t('sheet.checklist'), `${pick(body.title)} · ${draft.version}`],
    [t('sheet.inspector'), inspector],
  ];
  if (visit.value('hd_a05')) rows.push([t('sheet.kind'), visit.words('hd_a05')]);
  if (visit.value('hd_a15')) rows.push([t('sheet.host'), visit.words('hd_a15')]);
  return rows;
}

function finding(each: Proposed): SheetFinding {
  const small = [severityWords(each.severity), t('signoff.days', { days: each.days }), each.veto ? t('signoff.veto') : ''];
  return {
    light: each.light, title: titleOf(each), fact: [each.words.zh, pick(each.words)].includes(each.fact) ? '' : each.fact,
    small: small.filter(Boolean).join(' · '), photos: each.photos,
  };
}

function said(visit: Visit): [string, string][] {
  const rows: [string, string][] = [
    [t('sheet.highlight'), visit.value('ft_a01')], [t('sheet.agrees'), visit.value('ft_a11') ? visit.words('ft_a11') : ''], [t('sheet.statement'), visit.value('ft_a12')],
  ];
  return rows.filter(([, value]) => value);
}

/** The sheet in a few lines of text, for any phone's camera without a network. */
function summary(draft: Draft, proposed: readonly Proposed[], lights: SheetContent['lights']): string {
  const head = [`${t('sheet.title')} ${unitName(draft)} ${draft.unit}`.trim(), `${draft.form_id} ${draft.version} ${moment(draft.created_at, new Date(0))}`,
    `${lightWord('red')} ${lights.red} ${lightWord('yellow')} ${lights.yellow} ${lightWord('green')} ${lights.green}`];
  const lines = proposed.map((each, at) => `${at + 1}. [${lightWord(each.light)}] ${each.fact || pick(each.words)} (${t('signoff.days', { days: each.days })})`);
  return fitting([...head, ...lines], draft.id);
}
