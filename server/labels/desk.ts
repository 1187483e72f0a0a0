/**
 * The sessions in which trainers ask people, of this process: what a trainer's connection puts here, label rooms show, and
 * what is said there, the trainer takes from here.
 */
import type { Sheet } from '../../shared/protocol/labels.ts';
import { type AskedState, LabelSheet } from './sheet.ts';

/** What does not change within a session. */
export interface Subject {
  readonly title: string;
  readonly environmentTitle: string;
  readonly actions: readonly string[];
  readonly window: Sheet['window'];
}

/** Sessions at a time, of a megabyte each at most, and those of one token. */
const MAX_SESSIONS = 100;
const MAX_OF_TOKEN = 10;
/** How long what was said is kept for a trainer that is gone. */
const KEPT_MS = 10 * 60_000;

export class LabelSession {
  readonly id: string;
  /** Of whoever began it. */
  readonly token: string;
  subject: Subject;
  round: number;
  sheet: LabelSheet;
  /** Goes up with everything that is said. */
  version = 0;
  /** Connections of the trainer: more than one where it is back before the loss of the last is noticed. */
  readonly attendants = new Set<string>();
  readonly #listeners = new Set<() => void>();

  constructor(id: string, token: string, subject: Subject, round: number, sheet: LabelSheet) {
    this.id = id;
    this.token = token;
    this.subject = subject;
    this.round = round;
    this.sheet = sheet;
  }

  /** Whether the trainer is there. */
  get attended(): boolean {
    return this.attendants.size > 0;
  }

  /** Something has been said, or asked. */
  changed(): void {
    this.version++;
    for (const listener of [...this.#listeners]) listener();
  }

  /** @returns stops it. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  describe(people: number): Sheet {
    const { subject, sheet, round } = this;
    return {
      ...subject,
      round,
      states: sheet.states.length,
      labelled: sheet.labelled,
      skipped: sheet.skipped,
      people,
      status: !this.attended ? 'away' : sheet.done ? 'learning' : 'asking',
    };
  }
}

export class LabelDesk {
  readonly #sessions = new Map<string, LabelSession>();
  readonly #forgetting = new Map<string, ReturnType<typeof setTimeout>>();

  get(session: string): LabelSession | undefined {
    return this.#sessions.get(session);
  }

  /**
   * Asks in a session; the same round again goes on as it is. @param connection which attends to it until it leaves.
   * @returns the session, or why not.
   */
  ask(
    id: string,
    { token, connection }: { readonly token: string; readonly connection: string },
    subject: Subject,
    round: number,
    states: readonly AskedState[],
  ) {
    const known = this.#sessions.get(id);
    if (known !== undefined && known.token !== token) return 'of another token' as const;
    if (known === undefined) {
      for (const session of this.#of(token)) {
        if (this.#of(token).length < MAX_OF_TOKEN) break;
        // The oldest that no trainer attends to goes first.
        if (!session.attended) this.#forget(session.id);
      }
      if (this.#sessions.size >= MAX_SESSIONS || this.#of(token).length >= MAX_OF_TOKEN) {
        return 'too many' as const;
      }
      const session = new LabelSession(id, token, subject, round, new LabelSheet(states));
      session.attendants.add(connection);
      this.#sessions.set(id, session);
      return session;
    }
    clearTimeout(this.#forgetting.get(id));
    this.#forgetting.delete(id);
    const same = known.round === round && known.sheet.states.length === states.length;
    if (!same) {
      known.subject = subject;
      known.round = round;
      known.sheet = new LabelSheet(states);
    }
    known.attendants.add(connection);
    known.changed();
    return known;
  }

  /** A connection is gone. If it was the trainer's last, it may come back for a while and find what was said. */
  leave(session: LabelSession, connection: string): void {
    session.attendants.delete(connection);
    if (session.attended || this.#sessions.get(session.id) !== session) return;
    session.changed();
    clearTimeout(this.#forgetting.get(session.id));
    this.#forgetting.set(session.id, setTimeout(() => this.#forget(session.id), KEPT_MS).unref());
  }

  #of(token: string): LabelSession[] {
    return [...this.#sessions.values()].filter((session) => session.token === token);
  }

  #forget(id: string): void {
    clearTimeout(this.#forgetting.get(id));
    this.#forgetting.delete(id);
    this.#sessions.delete(id);
  }
}

export const labelDesk = new LabelDesk();
