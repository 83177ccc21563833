// The engine's own widgets that forms get. Everything for files, numbers, dates, positions, long lists and drawing is
// ours (src/widgets); maps, image maps (unsafe in this version), date pickers, comments and printing are left out.
import radio from 'enketo-core/src/widget/radio/radiopicker';
import range from 'enketo-core/src/widget/range/range-widget';
import rank from 'enketo-core/src/widget/rank/rank-widget';
import textarea from 'enketo-core/src/widget/textarea/textarea';
import url from 'enketo-core/src/widget/url/url-widget';

const widgets = { textarea, radio, range, rank, url };
// Enketo knows widgets by their class's name, which a minifier takes away.
for (const [name, widget] of Object.entries(widgets)) Object.defineProperty(widget, 'name', { value: name });

export default Object.values(widgets);
