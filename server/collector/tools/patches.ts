// What Enketo 9.0.1 never lets go of: every form that was ever opened. Three of its modules keep elements for as long
// as the page lives, and the collector's page lives for weeks.
import type { Plugin } from 'vite';

const PATCHES: Record<string, [string, string][]> = {
  // A listener on the window for each form, which names its element.
  'enketo-core/src/js/format.js': [
    ['const languageChangeListener = () => {', 'const form = new WeakRef(rootElement ?? document.body);\n    const languageChangeListener = () => {'],
    ['rootElement?.dispatchEvent(', 'form.deref()?.dispatchEvent('],
  ],
  'enketo-core/src/js/relevant.js': [['const relevanceState = new Map();', 'const relevanceState = new WeakMap();']],
  'enketo-core/src/js/widgets-controller.js': [
    ['widgets = [..._widgets];', 'widgets = [..._widgets];\n    languageChangeUpdates.clear();\n    didSetLanguageChangeListener = false;\n    form = formElement = options = null;'],
  ],
};

/** Fails where Enketo no longer reads as expected: then look whether the patch is still needed. */
export function enketoPatches(): Plugin {
  return {
    name: 'liangpai-enketo-patches',
    enforce: 'pre',
    transform(code, id) {
      const path = id.replaceAll('\\', '/').split('?')[0]!;
      const name = Object.keys(PATCHES).find((each) => path.endsWith(`/${each}`));
      if (!name) return null;
      let patched = code;
      for (const [from, to] of PATCHES[name]!) {
        if (!patched.includes(from)) throw new Error(`${name} has changed: ${from}`);
        patched = patched.replace(from, to);
      }
      return { code: patched, map: null };
    },
  };
}
