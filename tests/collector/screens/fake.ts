// A phone in memory: the real engine and forms, no store, no server. What the screens are tried on.
import type { Device, Draft, DraftFile, FormBody, FormEntry, Language, Package, Returned } from '../../../server/collector/src/contract';
import { openForm } from '../../../server/collector/src/engine/open';
import { asCorrection } from '../../../server/collector/src/engine/instance';
import { PhoneProblem, type NewDraft, type OpenForm, type Phone, type StorageState } from '../../../server/collector/src/screens/ports';

export type World = { package: Package; bodies: Record<string, FormBody>; bound: boolean; drafts: Draft[] };

const now = () => new Date().toISOString();

export class FakePhone implements Phone {
  revoked = false;
  bound: boolean;
  persisted = false;
  sent: string[] = [];
  opens = 0;
  private readonly drafts_: Map<string, Draft>;
  private readonly files_ = new Map<string, Blob>();
  private readonly prefill = new Map<string, NonNullable<NewDraft['answers']>>();
  private readonly changes = new Set<() => void>();
  private readonly progress = new Set<(id: string, percent: number) => void>();

  constructor(private readonly world: World) {
    this.bound = world.bound;
    this.drafts_ = new Map(world.drafts.map((draft) => [draft.id, draft]));
  }

  device(): Device | null {
    return this.bound ? { device: 'collect:7f3a', key: 'k', project: 1, person: { login: 'bola', name: '周明' }, language: 'zh' } : null;
  }
  async bind(): Promise<Device> { this.bound = true; this.changed(); return this.device()!; }
  async bindWith(code: string): Promise<Device> {
    if (code === 'used') throw new PhoneProblem('used', { zh: '这个链接已经用过了。', en: 'This link has been used.' });
    return this.bind();
  }
  async signOut() { this.bound = false; this.changed(); }
  package() { return this.bound ? this.world.package : null; }
  refreshed() { return this.world.package.made_at; }
  async refresh() { return 'same' as const; }
  async forms() { return this.world.package.forms.map((entry: FormEntry) => ({ entry, kept: entry.form_id in this.world.bodies, bytes: 120_000 })); }
  async body(form_id: string): Promise<FormBody> {
    const body = this.world.bodies[form_id];
    if (!body) throw new PhoneProblem('unknown', { zh: '手机上没有这份内容。', en: 'Not on this phone.' });
    return body;
  }
  draftBody(draft: Draft) { return this.body(draft.form_id); }
  async media(url: string): Promise<Blob | null> { return url === 'away' ? null : picture(640, 480, url); }

  async drafts() { return [...this.drafts_.values()].sort((a, b) => b.changed_at.localeCompare(a.changed_at)); }
  async draft(id: string) { return this.drafts_.get(id) ?? null; }
  async create({ form_id, school, keyed, answers }: NewDraft): Promise<Draft> {
    const body = await this.body(form_id);
    const draft: Draft = { ...EMPTY, id: `uuid:${crypto.randomUUID()}`, form_id, version: body.version, form_hash: body.hash, unit: school?.code ?? '', unit_name: school?.name ?? '', keyed: keyed ?? false, created_at: now(), changed_at: now() };
    this.drafts_.set(draft.id, draft);
    if (answers) this.prefill.set(draft.id, answers);
    return draft;
  }
  async correct(returned: Returned): Promise<Draft> {
    const draft = await this.create({ form_id: returned.form_id, school: this.world.package.schools.find((each) => each.code === returned.unit) ?? null });
    return this.put({ ...draft, deprecated_id: returned.instance_id, remark: returned.remark, xml: returned.xml ? asCorrection(returned.xml, draft.id, returned.instance_id) : '' });
  }
  async discard(id: string) { this.drafts_.delete(id); this.changed(); }
  async files(id: string): Promise<DraftFile[]> {
    return [...this.files_].filter(([key]) => key.startsWith(`${id}/`)).map(([key, blob]) => ({ draft: id, name: key.slice(id.length + 1), type: blob.type, bytes: blob.size, sent: false }));
  }
  async file(id: string, name: string) { return this.files_.get(`${id}/${name}`) ?? null; }
  async open(draft: Draft, host: HTMLElement, language: Language): Promise<OpenForm> {
    this.opens += 1;
    const body = await this.draftBody(draft);
    const listeners = new Set<(at: string) => void>();
    const session = await openForm(host, body, draft, {
      keeper: {
        saveAnswers: async (id, answers, ...files) => {
          for (const file of files) this.files_.set(`${id}/${file.name}`, new Blob([file.bytes], { type: file.type }));
          return this.put({ ...this.drafts_.get(id)!, ...answers, changed_at: now() }, false);
        },
        copyAnswers: () => Promise.resolve(),
        saveFile: async (id, file) => void this.files_.set(`${id}/${file.name}`, new Blob([file.bytes], { type: file.type })),
        removeFile: async (id, name) => void this.files_.delete(`${id}/${name}`),
        file: (id, name) => this.file(id, name),
      },
      language, device: 'collect:7f3a', login: 'bola', prefill: this.prefill.get(draft.id), onSaved: (at) => listeners.forEach((each) => each(at)),
    });
    return { session, body, onSaved: (listener) => void listeners.add(listener) };
  }

  async queue(id: string) { this.put({ ...this.drafts_.get(id)!, state: 'waiting' }); }
  async reopen(id: string): Promise<Draft> { return this.put({ ...this.drafts_.get(id)!, state: 'draft', refusal: null }); }
  async sendNow(id?: string) { this.sent.push(id ?? 'all'); }
  async exportFile(ids: string[], passphrase: string) { return new Blob([JSON.stringify({ ids, length: passphrase.length })]); }
  async importFile(_file: Blob, passphrase: string) {
    if (passphrase === 'wrong-one') throw new PhoneProblem('passphrase', { zh: '口令不对，或文件已损坏。', en: 'Wrong passphrase, or a damaged file.' });
    return 2;
  }
  async storage(): Promise<StorageState> { return { used: 86_000_000, quota: 2_100_000_000, persisted: this.persisted, media: 12_400_000, copied: true }; }
  async askPersistence() { this.persisted = true; return true; }
  onProgress(listener: (id: string, percent: number) => void) { this.progress.add(listener); return () => this.progress.delete(listener); }
  onChange(listener: () => void) { this.changes.add(listener); return () => this.changes.delete(listener); }

  tell(id: string, percent: number) { this.progress.forEach((listener) => listener(id, percent)); }
  changed() { this.changes.forEach((listener) => listener()); }
  put(draft: Draft, tell = true): Draft {
    this.drafts_.set(draft.id, draft);
    if (tell) this.changed();
    return draft;
  }
}

export const EMPTY: Draft = {
  id: '', deprecated_id: '', form_id: '', version: '', form_hash: '', unit: '', unit_name: '', state: 'draft', xml: '', answered: 0, total: 0, page: 0,
  keyed: false, created_at: '', changed_at: '', remark: '', progress: 0, refusal: null, receipt: null, attempts: 0, next_try_at: '', held: 'no',
};

/** A drawn photo: a doorway with boxes in it. */
export async function picture(width: number, height: number, seed = ''): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const pen = canvas.getContext('2d')!;
  pen.fillStyle = '#8fa7b5';
  pen.fillRect(0, 0, width, height);
  pen.fillStyle = '#5d4c3c';
  pen.fillRect(width * 0.3, height * 0.2, width * 0.4, height * 0.8);
  pen.fillStyle = seed.length % 2 ? '#c79a52' : '#b98542';
  for (let box = 0; box < 4; box += 1) pen.fillRect(width * (0.25 + box * 0.12), height * (0.65 - (box % 2) * 0.12), width * 0.14, height * 0.35);
  return new Promise((resolve) => canvas.toBlob((blob) => resolve(blob!), 'image/jpeg', 0.9));
}
