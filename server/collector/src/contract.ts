// What the server, the store on the phone, the engine and the screens agree on. Types only: no code lives here.
// The server's half is server/api/collector*.py; both halves change together.

export type Language = 'zh' | 'en';
export type Words = { zh: string; en: string };
export type Light = 'green' | 'yellow' | 'red' | 'grey' | 'na';

// ---- what the server gives -------------------------------------------------------------------------------------

// GET /collect/api/session with the browser's cookie: who has signed in at /sign-in, else 401.
export type SignedIn = {
  person: { login: string; name: string };
  language: Language;
  form_token: string; // to be sent as the header X-Form-Token when a device is made
};

// POST /collect/api/devices {name}: made once a phone. Either with the cookie and X-Form-Token, or with
// `Authorization: Bearer CODE`, the code of a link or QR (/collect/#code=CODE) that the office gave; a code works once.
// The key is a phone key (revocable): it is sent as `Authorization: Bearer KEY` to everything below,
// and to the OpenRosa door at /v1/projects/{project}/submission.
// Problems under /collect/api are JSON: { code, title, status, ... }; `title` is the sentence in the reader's language.
// GET /collect/api/device -> { device, name, person, seen_at }; POST /collect/api/device { waiting, drafts } -> 204 tells
// what is unsent (the office sees it); POST /collect/api/device/sign-out -> 204 gives the key back.
export type Device = {
  device: string; // stable name, goes into OpenRosa's deviceID
  key: string;
  project: number;
  person: { login: string; name: string };
  language: Language;
};

// GET /collect/api/package (ETag, 304): everything to take along. 401/403 with code "device.revoked" means: wipe.
export type Package = {
  made_at: string;
  settings: { photo_pixels: number; radius_metres: number; capture_accuracy: number };
  forms: FormEntry[];
  schools: School[];
  findings: OpenFinding[];
  known: KnownAnswers[];
  returned: Returned[];
  // Rows of the lists that bodies wait for (FormBody.lists), by file; schools.csv is `schools` above.
  lists?: Record<string, { columns: string[]; rows: string[][] }>;
  prefill: Record<string, string>; // answers that each new draft begins with where its form has the item (hd_a08 ...)
};
export type FormEntry = {
  form_id: string;
  version: string;
  title: Words;
  kind: string; // "recheck" for F12
  hash: string; // of the body; a new hash is a new download
  url: string; // GET -> FormBody
  media: { name: string; hash: string; url: string; bytes: number }[];
};
export type School = {
  code: string;
  name: string;
  name_en: string;
  town: string;
  stage: string;
  latitude: number | null;
  longitude: number | null;
};
export type OpenFinding = {
  code: string;
  unit: string;
  item: string;
  indicator: string;
  title: Words;
  fact: string;
  severity: number;
  found_on: string;
  due_on: string; // '' before the school was told, and after it has handed in
  on_site: boolean; // papers are not enough for the re-check
  state: string;
  photos: { name: string; url: string }[];
};
// Last visit's and administrative answers, offered for one-tap confirmation.
export type KnownAnswers = {
  unit: string;
  form_id: string;
  answers: { item: string; value: string; source: 'visit' | 'admin'; on: string }[];
};
export type Returned = {
  instance_id: string;
  form_id: string;
  version: string;
  unit: string;
  remark: string;
  reviewed_on: string;
  xml: string;
  files: { name: string; url: string }[];
};

// GET /collect/api/forms/{form_id}/{version}: also of older versions, for returned submissions.
// What the transform made of the XForm at publish, and what each answer means.
export type FormBody = {
  form_id: string;
  version: string;
  hash: string;
  title: Words;
  languages: string[]; // as in the html's lang attributes: "zh", "en" (tags: a name is no value of lang)
  html: string; // enketo's form HTML: labels cleaned, choice lists inlined
  model: string; // enketo's model XML, instances of CSV and GeoJSON media included
  items: ItemMeaning[];
  unit_item: string; // the question that takes the school's code; hidden in the form, filled from the school picked
  sections: { name: string; words: Words; items: string[] }[];
  // Instances that are empty in the model because their rows are the phone's own: Package.lists, and for schools.csv
  // Package.schools as <item><name>code</name><label>name</label><label_en/><kind/><stage/><town/></item>.
  lists: { instance: string; file: string }[];
  days?: Record<string, number>; // days to rectify by severity, "1" to "4", where an item says nothing itself
};
export type ItemMeaning = {
  name: string;
  path: string; // XPath in the instance
  words: Words;
  type: string;
  required: boolean;
  severity: number; // 0 none
  route: number;
  days: number;
  veto: number;
  repeat: string;
  choices: { value: string; words: Words; light: Light | '' }[];
  companion_of: string; // note_companion/photo_companion of that item
  role: string;
  zero?: boolean; // counts cases of an indicator that tolerates none: any number above 0 proposes a finding
};

// ---- what the phone keeps --------------------------------------------------------------------------------------

export type DraftState = 'draft' | 'waiting' | 'sending' | 'sent' | 'refused';
export type Draft = {
  id: string; // instanceID, stable from the first save on
  deprecated_id: string; // of the submission that this one corrects, or ''
  form_id: string;
  version: string;
  form_hash: string;
  unit: string;
  unit_name: string;
  state: DraftState;
  xml: string;
  answered: number;
  total: number;
  page: number;
  keyed: boolean; // keyed in from paper
  created_at: string;
  changed_at: string;
  remark: string; // the reviewer's, for a returned one
  progress: number; // 0..100 while sending
  refusal: { code: string; message: Words; status: number } | null;
  receipt: { at: string; message: string } | null;
  attempts: number;
  next_try_at: string;
  // Whether the server has this very XML, or may have it (its answer was lost). Such a draft is never changed any more:
  // it is corrected by a new version of its own.
  held: 'no' | 'maybe' | 'yes';
};
export type DraftFile = { draft: string; name: string; type: string; bytes: number; sent: boolean };

// ---- the engine, whatever it is --------------------------------------------------------------------------------

// Opened by src/engine/open.ts. XForm XML in, OpenRosa XML and files out: enketo-core today.
// `repeat` counts from 1 inside a repeat, as the server counts; 0 or nothing outside.
export interface FormSession {
  readonly root: HTMLElement;
  pages(): PageState[];
  current(): number;
  goTo(page: number): void;
  next(): Promise<boolean>; // false: something on this page is wrong
  previous(): void;
  setLanguage(language: Language): void;
  missing(): Missing[]; // required and empty, or wrong: with the page it is on
  value(item: string, repeat?: number): string;
  setValue(item: string, value: string, repeat?: number): void;
  attach(item: string, file: Blob, repeat?: number): Promise<string>; // keeps the bytes, then answers with their name
  detach(item: string, repeat?: number): Promise<void>; // forgets the file and empties the answer
  fileOf(item: string, repeat?: number): Promise<Blob | null>;
  flush(): Promise<void>; // saves at once; autosave does so within 300 ms of every change
  finish(): Promise<Missing[]>; // validates everything and stamps `end`; empty: ready to queue
  proposed(): Proposed[]; // findings that the answers propose
  confirmed(item: string, repeat?: number): void; // a known answer was taken over, not re-observed: audit.csv says so
  score(): { green: number; yellow: number; red: number; open: number };
  close(): void;
}
// Counted over the relevant questions of the page that take an answer: `total` of them, `answered` of these, and
// `required` those that must be answered.
export type PageState = {
  name: string; words: Words; answered: number; total: number; required: number; relevant: boolean;
};
export type Missing = { item: string; words: Words; page: number; kind: 'required' | 'constraint'; message: string };
export type Proposed = {
  item: string;
  repeat: number;
  words: Words;
  light: Light;
  severity: number;
  route: number;
  days: number;
  veto: number;
  fact: string;
  photos: string[];
};
