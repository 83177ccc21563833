// Opens a checklist, answers every question at random whether it is asked or not, and tells how each question stands:
// [path, row, relevant, required, constraint holds, value]. Rows count from 1 inside a repeat, 0 outside.
async ([form, seed]) => {
  const body = await (await fetch(`/harness/${form}.json`)).json();
  const draft = { id: `uuid:${form}-${seed}`, deprecated_id: '', form_id: body.form_id, version: body.version, form_hash: body.hash,
    unit: 'S01', unit_name: '', state: 'draft', xml: '', answered: 0, total: 0, page: 0, keyed: false, held: 'no' };
  const keeper = { saveAnswers: async () => draft, saveFile: async () => {}, removeFile: async () => {}, file: async () => null };
  const root = document.querySelector('#root');
  const session = await lp.openForm(root, body, draft, { keeper, language: 'zh', device: 'd', login: 'x' });
  const { enketo } = session;
  let state = (seed * 7919 + 17) >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const pick = (list) => list[Math.floor(random() * list.length)];
  const controls = (path) => [...root.querySelectorAll(`[name="${path}"], [data-name="${path}"]`)].filter((one) => !one.classList.contains('or-group') && !one.classList.contains('or-repeat'));
  const values = (item) => {
    const kind = item.type;
    if (['select_one', 'select_one_from_file', 'select_multiple'].includes(kind)) {
      let all = item.choices.map((choice) => choice.value);
      if (!all.length) all = kind === 'select_one_from_file' ? ['GP-1', 'GP-2'] : [];
      if (!all.length) return [];
      return kind === 'select_multiple' ? [all.filter(() => random() < 0.4).join(' ')] : [pick(all)];
    }
    if (kind === 'integer') return [String(Math.floor(random() ** 2 * 130) - (random() < 0.1 ? 5 : 0))];
    if (kind === 'decimal') return [String(Math.floor(random() * 4000) / 4)];
    if (kind === 'date') return [pick(['2026-11-20', '2025-02-28', '2027-01-01'])];
    if (kind === 'text') return [pick(['观察', '45/43', '2026-11', '330100', 'a  b', '0', '13800000000'])];
    if (kind === 'geopoint') return [`30.5 120.5 10 ${Math.floor(random() * 400)}`];
    if (kind === 'image') return ['picture.jpg'];
    return [];
  };
  for (const item of body.items) {
    if (item.name === body.unit_item) continue;
    for (let row = item.repeat ? 1 : 0; row <= (item.repeat ? 2 : 0); row += 1) {
      // The question whose "no" ends the form is answered so once in six times: otherwise little would be asked.
      const found = item.name === 'hd_a11' ? [random() < 0.83 ? '1' : '0'] : random() < 0.12 ? [] : values(item);
      if (found.length && found[0] !== '') session.setValue(item.name, found[0], row);
    }
  }
  await session.flush();
  const told = [];
  for (const item of body.items) {
    const rows = item.repeat ? enketo.model.node(item.path).getElements().length : 1;
    const inputs = controls(item.path).filter((one) => one.tagName !== 'OPTION' && !one.dataset.setvalue);
    for (let n = 0; n < rows; n += 1) {
      const groups = item.repeat ? [...root.querySelectorAll(`.or-repeat[name="${item.repeat}"]`)] : [root];
      const control = inputs.find((one) => !groups[n] || groups[n].contains(one));
      if (!control) continue;
      const value = enketo.model.node(item.path, n).getVal() ?? '';
      const calculated = control.closest('.calculation, #or-calculated-items, #or-preload-items') !== null;
      const constraint = control.dataset.constraint;
      const required = control.dataset.required;
      told.push([
        item.path, item.repeat ? n + 1 : 0, calculated ? null : !control.closest('.disabled'),
        calculated ? null : Boolean(required && enketo.model.evaluate(required, 'boolean', item.path, n)),
        !value || !constraint ? true : Boolean(enketo.model.evaluate(constraint, 'boolean', item.path, n)), value,
      ]);
    }
  }
  return { told, xml: enketo.getDataStr({ irrelevant: true }) };
}
