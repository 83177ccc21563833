// The screens on a phone in memory: world.json says what is on it.
import '../../../server/collector/src/style/index.css';
import { begin } from '../../../server/collector/src/screens';
import { lines } from '../../../server/collector/src/screens/paper';
import { search, buildIndex } from '../../../server/collector/src/screens/search';
import { readFacts, writeFacts } from '../../../server/collector/src/widgets/exif';
import { shrink } from '../../../server/collector/src/widgets/picture';
import { language, TEXTS } from '../../../server/collector/src/words';
import { FakePhone, picture, type World } from './fake';

const name = new URLSearchParams(location.search).get('world') ?? 'world';
const world = (await (await fetch(`${name}.json`)).json()) as World;
const phone = new FakePhone(world);
Object.assign(globalThis, { phone, tools: { lines, search, buildIndex, readFacts, writeFacts, shrink, picture, language, TEXTS } });
begin(phone, document.querySelector('#app')!);
