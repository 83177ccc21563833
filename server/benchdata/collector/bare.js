// enketo-core as it comes, on what the official stylesheets make of the form.
import '@bare/style.css';
import { Form } from '@collector/node_modules/enketo-core/src/js/form';

Object.assign(globalThis, {
  begin: async () => (await fetch('bare.json')).json(),
  open: async ({ form, model }) => {
    document.querySelector('#root').innerHTML = form;
    const problems = new Form(document.querySelector('form.or'), { modelStr: model }, {}).init();
    if (problems.length) throw new Error(problems.join());
  },
});
