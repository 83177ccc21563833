// The widgets that forms get. Left out: maps, image maps (unsafe in this version), desktop date pickers, comments, printing.
import columns from 'enketo-core/src/widget/columns/columns';
import draw from 'enketo-core/src/widget/draw/draw-widget';
import file from 'enketo-core/src/widget/file/filepicker';
import note from 'enketo-core/src/widget/note/notewidget';
import decimal from 'enketo-core/src/widget/number-input/decimal-input';
import integer from 'enketo-core/src/widget/number-input/integer-input';
import radio from 'enketo-core/src/widget/radio/radiopicker';
import range from 'enketo-core/src/widget/range/range-widget';
import rank from 'enketo-core/src/widget/rank/rank-widget';
import rating from 'enketo-core/src/widget/rating/rating';
import autocomplete from 'enketo-core/src/widget/select-autocomplete/autocomplete';
import likert from 'enketo-core/src/widget/select-likert/likertitem';
import selectDesktop from 'enketo-core/src/widget/select-desktop/selectpicker';
import selectMobile from 'enketo-core/src/widget/select-mobile/selectpicker';
import table from 'enketo-core/src/widget/table/tablewidget';
import textMax from 'enketo-core/src/widget/text-max/text-max';
import textarea from 'enketo-core/src/widget/textarea/textarea';
import url from 'enketo-core/src/widget/url/url-widget';

export default [
  note, selectDesktop, selectMobile, autocomplete, textarea, table, radio, file, draw, likert, columns, range, rank,
  url, textMax, rating, decimal, integer,
];
