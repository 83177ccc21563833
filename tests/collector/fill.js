// Fills an open checklist by its own definition: every question that is asked, twice in some repeats, by type and by the
// form's own constraints. Gives what it did: [item, repeat, value] in order. No question is known by name but two.
async (seed) => {
  const form = document.querySelector('form.or');
  const { session } = form;
  const { body } = session;
  const byPath = new Map(body.items.map((item) => [item.path, item]));
  const done = [];
  let state = seed >>> 0;
  const random = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const pick = (list) => list[Math.floor(random() * list.length)];
  const shuffled = (list) => list.map((value) => [random(), value]).sort((a, b) => a[0] - b[0]).map((pair) => pair[1]);
  const picture = async (kind) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 120, height: 90 });
    const pen = canvas.getContext('2d');
    for (let n = 0; n < 60; n += 1) {
      pen.fillStyle = `hsl(${Math.floor(random() * 360)} 60% 50%)`;
      pen.fillRect(random() * 120, random() * 90, 30, 20);
    }
    return new Promise((take) => canvas.toBlob(take, kind));
  };
  const choices = (item, question) => {
    if (item.choices.length) return item.choices.map((choice) => choice.value);
    const list = document.getElementById(question.querySelector('input[list]')?.getAttribute('list') ?? '-');
    const own = (list ?? question).querySelectorAll('input[type=radio], input[type=checkbox], option:not(.itemset-template)');
    return [...own].map((one) => one.dataset.value || one.value).filter(Boolean);
  };
  const candidates = (item, question) => {
    const kind = item.type.split(' ')[0];
    if (item.name === 'hd_a11') return ['1']; // "no" ends the form
    if (kind === 'select_one' || kind === 'select_one_from_file') return shuffled(choices(item, question));
    if (kind.startsWith('select_multiple')) {
      const all = choices(item, question);
      return [...shuffled(all), shuffled(all).slice(0, 2).sort((a, b) => all.indexOf(a) - all.indexOf(b)).join(' ')].reverse();
    }
    if (kind === 'integer') return [...shuffled(['1', '2', '3']), '0', '5', '10', '46', '60', '100', '400', '2026'];
    if (kind === 'decimal') return [pick(['1.5', '12.25', '0.5']), '1', '0', '50', '100'];
    if (kind === 'date') return ['2026-11-20', '2026-12-20', '2026-01-05'];
    if (kind === 'dateTime') return ['2026-11-20T09:30:00.000+08:00'];
    if (kind === 'time') return ['09:30:00.000+08:00'];
    if (kind === 'geopoint') return [`30.${Math.floor(random() * 1e6)} 120.${Math.floor(random() * 1e6)} 12 5`];
    return [`观察 & <记录> "引" ${Math.floor(random() * 1e6)}`, '45/43', '3/4', '17:30', '2026-11', '330100', '13800000000'];
  };
  const asked = () =>
    [...form.querySelectorAll('.question')].flatMap((question) => {
      const control = question.querySelector('input:not(.ignore), select:not(.ignore), textarea:not(.ignore)');
      if (!control || question.closest('.disabled') || question.classList.contains('unit-question')) return [];
      const item = byPath.get(control.dataset.name ?? control.getAttribute('name'));
      if (!item || control.hasAttribute('readonly') || ['note', 'calculate', 'acknowledge'].includes(item.type)) return [];
      const row = item.repeat ? [...form.querySelectorAll(`.or-repeat[name="${item.repeat}"]`)].indexOf(control.closest('.or-repeat')) + 1 : 0;
      return [{ question, item, row }];
    });
  const tries = new Map();
  const answer = async ({ question, item, row }) => {
    const key = `${item.name}/${row}`;
    const turn = tries.get(key) ?? 0;
    tries.set(key, turn + 1);
    if (['image', 'audio', 'video', 'file', 'background-audio'].includes(item.type.split(' ')[0])) {
      const file = item.type === 'image' ? await picture('image/jpeg') : new Blob([`${key} ${random()}`], { type: 'audio/mp4' });
      done.push([item.name, row, await session.attach(item.name, file, row)]);
      return;
    }
    const options = candidates(item, question);
    const value = options[turn % options.length];
    if (value === undefined) return;
    session.setValue(item.name, value, row);
    done.push([item.name, row, value]);
  };
  for (let pass = 0; pass < 14; pass += 1) {
    const open = asked().filter(({ item, row }) => !session.value(item.name, row));
    const wrong = session.missing().filter((fault) => fault.kind === 'constraint').map((fault) => fault.item);
    const again = asked().filter(({ item }) => wrong.includes(item.name));
    if (!open.length && !again.length) break;
    for (const one of [...open, ...again]) if (pass === 0 || (tries.get(`${one.item.name}/${one.row}`) ?? 0) < 12) await answer(one);
    if (pass === 0) {
      const repeats = [...new Set(body.items.map((item) => item.repeat).filter(Boolean))];
      for (const repeat of repeats) {
        const button = form.querySelector(`.or-repeat-info[data-name="${repeat}"] .add-repeat-btn`);
        if (button && !button.closest('.disabled') && random() < 0.7) button.click();
      }
    }
  }
  await session.flush();
  return { done, missing: session.missing() };
}
