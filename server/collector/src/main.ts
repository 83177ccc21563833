import './enketo/enketo.scss';
import { Form } from 'enketo-core';
document.querySelector('#app')!.textContent = String(typeof Form);
