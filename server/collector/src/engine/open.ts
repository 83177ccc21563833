// Opens a checklist on a page: enketo-core inside, our contract outside. XForm XML in, OpenRosa XML and files out.
import type { Draft, FormBody, FormSession, Language, Package, School } from '../contract';
import type { Answers, NewFile } from '../store';
import { AUDIT_FILE, AuditLog } from './audit';
import { load } from './enketo';
import { bareModel, parseInstance, withInstanceId } from './instance';
import { prepare, withoutFirstRows } from './prepare';
import { Session } from './session';

/** What a form needs of the phone while it is open; the store gives it. */
export interface Keeper {
  saveAnswers(id: string, answers: Answers, ...files: NewFile[]): Promise<Draft>;
  copyAnswers(id: string, answers: Answers): Promise<void>; // beside a save that takes long
  saveFile(draft: string, file: NewFile): Promise<void>;
  removeFile(draft: string, name: string): Promise<void>;
  file(draft: string, name: string): Promise<Blob | null>;
}

export type OpenOptions = {
  keeper: Keeper;
  language: Language;
  device?: string;
  login?: string;
  schools?: readonly School[]; // for the lists that the form leaves to the phone
  lists?: Package['lists'];
  prefill?: { item: string; value: string; row?: number }[];
  onTaken?: (rest: { item: string; value: string; row?: number }[]) => Promise<void>; // what of `prefill` still waits to be asked
  onSaved?: (at: string) => void; // after each save that reached the disk
  onProblem?: (error: unknown) => void; // a save failed: nothing after the last onSaved is safe
};

/** Puts the form into `root` and gives its session. Throws where the form or the draft cannot be read. */
export async function openForm(
  root: HTMLElement, body: FormBody, draft: Draft, options: OpenOptions,
): Promise<FormSession> {
  const form = prepare(body);
  root.replaceChildren(form);
  const enketo = load(form, body, {
    model: withInstanceId(modelOf(body, options.schools ?? [], options.lists ?? {}), draft.id),
    instance: draft.xml,
    session: { deviceid: options.device ?? '', username: options.login ?? '' },
    language: languageName(body, options.language),
  });
  const audit = await auditOf(enketo.model.rootElement, draft, options.keeper);
  const session = new Session(form, enketo, body, draft, options, audit);
  session.begin();
  await session.flush();
  return session;
}

/** The model with the phone's own rows in the lists that wait for them. */
function modelOf(body: FormBody, schools: readonly School[], lists: NonNullable<Package['lists']>): string {
  if (!body.lists?.length) return bareModel(withoutFirstRows(body.model, body));
  const document = parseInstance(bareModel(withoutFirstRows(body.model, body)));
  for (const { instance, file } of body.lists) {
    const list = document.querySelector(`instance[id="${CSS.escape(instance)}"]`);
    if (!list) continue;
    const make = (parent: Element, tag: string) => parent.appendChild(document.createElementNS(list.namespaceURI, tag));
    const root = list.firstElementChild ?? make(list, 'root');
    for (const row of rowsOf(file, schools, lists)) {
      const item = make(root, 'item');
      for (const [tag, text] of row) make(item, tag).textContent = text;
    }
  }
  return new XMLSerializer().serializeToString(document);
}

function rowsOf(file: string, schools: readonly School[], lists: NonNullable<Package['lists']>): [string, string][][] {
  const list = lists[file];
  if (list) return list.rows.map((row) => list.columns.map((column, n) => [column, row[n] ?? '']));
  if (file !== 'schools.csv') return [];
  return schools.map(({ code, name, name_en, stage, town }) => Object.entries({ name: code, label: name, label_en: name_en, kind: 'school', stage, town }));
}

/** The form's own name of a language: "zh", or "中文 (zh)". */
export function languageName(body: FormBody, language: Language): string {
  const names = body.languages;
  return names.find((name) => name === language || name.endsWith(`(${language})`)) ?? names[0] ?? '';
}

async function auditOf(root: Element, draft: Draft, keeper: Keeper): Promise<AuditLog | null> {
  if (!root.querySelector('meta > audit, *|meta > *|audit')) return null;
  const before = await keeper.file(draft.id, AUDIT_FILE);
  return new AuditLog(before ? await before.text() : '');
}
