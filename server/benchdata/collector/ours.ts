// The collector's engine as the app opens it, on a page by itself.
import '../../collector/src/style/index.css';
import { openForm } from '../../collector/src/engine/open';
import { buildIndex, search } from '../../collector/src/screens/search';

const keeper = { saveAnswers: async () => draft, saveFile: async () => {}, removeFile: async () => {}, file: async () => null };
const draft = { id: 'uuid:bench', xml: '', page: 0, unit: '', held: 'no' } as never;

Object.assign(globalThis, {
  begin: async () => (await fetch('body.json')).json(),
  open: async (body: never) => {
    const session = await openForm(document.querySelector('#root')!, body, draft, { keeper, language: 'zh' } as never);
    Object.assign(globalThis, { session });
  },
  buildIndex,
  search,
});
