// Enketo's own words go through here.
export { t } from 'enketo-core/src/js/fake-translator';
