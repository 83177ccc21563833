// Enketo asks before it removes a repeat.
export { default } from 'enketo-core/src/js/fake-dialog';
