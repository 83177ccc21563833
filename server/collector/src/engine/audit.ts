// audit.csv as ODK Collect writes it (xforms-spec, audit): what was done when, and how long each question took. The
// two columns of changed values belong to forms that ask for them (track-changes); the answers are in the XML.

export const AUDIT_FILE = 'audit.csv';
const HEADER = 'event,node,start,end';

type Open = { event: string; node: string; start: number };

export class AuditLog {
  private readonly rows: string[];
  private open: Open | null = null;

  /** `before` is the log as an earlier sitting left it, "" for a form that is opened for the first time. */
  constructor(
    before: string,
    private readonly clock: () => number = Date.now,
  ) {
    this.rows = before ? before.trimEnd().split('\n').slice(1) : [];
    this.moment(before ? 'form resume' : 'form start');
  }

  /** Something without a duration. */
  moment(event: string, node = ''): void {
    this.row(event, node, this.clock(), null);
  }

  /** A question or page comes into view; the one before it ends. */
  enter(event: 'question' | 'group questions', node: string): void {
    if (this.open?.node === node) return;
    this.leave();
    this.open = { event, node, start: this.clock() };
  }

  /** The open question ends. */
  leave(): void {
    if (!this.open) return;
    const { event, node, start } = this.open;
    this.row(event, node, start, this.clock());
    this.open = null;
  }

  get current(): string {
    return this.open?.node ?? '';
  }

  /** The whole log, the open question as if it ended now. */
  csv(): string {
    const rows = [...this.rows];
    if (this.open) rows.push(line([this.open.event, this.open.node, this.open.start, this.clock()]));
    return `${[HEADER, ...rows].join('\n')}\n`;
  }

  private row(event: string, node: string, start: number, end: number | null): void {
    this.rows.push(line([event, node, start, end ?? '']));
  }
}

function line(cells: (string | number)[]): string {
  return cells.map((cell) => quoted(String(cell))).join(',');
}

function quoted(cell: string): string {
  return /[",\n\r]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
