// The collector's engine, store and queue without its screens, on a page that the survival tests drive.
import { openForm } from '../../server/collector/src/engine/open';
import { propose } from '../../server/collector/src/engine/findings';
import { parseInstance, readAnswers } from '../../server/collector/src/engine/instance';
import { CollectPhone } from '../../server/collector/src/phone';
import * as send from '../../server/collector/src/send';
import { Store } from '../../server/collector/src/store';
import * as drafts from '../../server/collector/src/store/drafts';

Object.assign(globalThis, { lp: { openForm, propose, parseInstance, readAnswers, CollectPhone, Store, ...send, ...drafts } });
