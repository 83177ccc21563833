// Stands for packages that Enketo names and we leave out: maps, Google's tiles, and forge (only digest() needs it).
export default {};
