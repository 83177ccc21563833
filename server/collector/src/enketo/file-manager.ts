// Where Enketo's upload questions find and put their files.
export { default } from 'enketo-core/src/js/file-manager';
