// @getodk/web-forms as it comes, on the XForm.
import { createApp, h } from 'vue';
import { OdkWebForm, webFormsPlugin } from '@webforms/index.js';

const seen = () => new Promise((done) => {
  const look = () => (document.querySelectorAll('#root input').length >= 50 ? done() : requestAnimationFrame(look));
  look();
});

Object.assign(globalThis, {
  begin: async () => (await fetch('form.xml')).text(),
  open: async (formXml) => {
    const fetchFormAttachment = async () => new Response('', { status: 404 });
    createApp({ render: () => h(OdkWebForm, { formXml, fetchFormAttachment }) }).use(webFormsPlugin).mount('#root');
    await seen();
  },
});
