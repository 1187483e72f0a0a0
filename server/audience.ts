/**
 * Who is in a room and what each may see: the public view, the window of a seat, or nothing (in a partial-view room, a
 * second tab of somebody who holds a seat there). Frames are encoded once and sent to all; a client that does not keep
 * up is left out until its connection has drained, and then starts again from a keyframe.
 */
import { type Client, getMessageBytes, Protocol } from '@colyseus/core';

export type Sight = 'public' | 'seat' | 'blind';

interface Member {
  readonly client: Client;
  /** The browser's secret, or the session's id where it gave none. */
  readonly identity: string;
  readonly name: string;
  sight: Sight | null;
  behind: boolean;
}

/** Bytes waiting in a client's connection from which on it gets no more frames, and below which it starts again. */
const CHOKED_BYTES = 256 * 1024;
const DRAINED_BYTES = 16 * 1024;

export class Audience {
  readonly #members = new Map<string, Member>();
  readonly #partial: boolean;
  readonly #countBytes: (bytes: number) => void;
  readonly #greet: (client: Client) => void;

  /**
   * @param partial whether players see only their windows.
   * @param greet sends a client what the public view starts with.
   * @param countBytes is told how much was sent.
   */
  constructor(partial: boolean, greet: (client: Client) => void, countBytes: (bytes: number) => void) {
    this.#partial = partial;
    this.#greet = greet;
    this.#countBytes = countBytes;
  }

  get size(): number {
    return this.#members.size;
  }

  nameOf(sessionId: string): string {
    return this.#members.get(sessionId)?.name ?? '';
  }

  enter(client: Client, identity: string, name: string): void {
    this.#members.set(client.sessionId, { client, identity, name, sight: null, behind: false });
  }

  leave(client: Client): void {
    this.#members.delete(client.sessionId);
  }

  clientOf(sessionId: string): Client | undefined {
    return this.#members.get(sessionId)?.client;
  }

  /** Whether a client sees nothing, because another one of the same person plays by a window. */
  isBlind(client: Client): boolean {
    return this.#members.get(client.sessionId)?.sight === 'blind';
  }

  /** Whether a client sees what is public. */
  isPublic(sessionId: string): boolean {
    return this.#members.get(sessionId)?.sight === 'public';
  }

  /**
   * Decides anew what everybody sees; to call when somebody entered, left, sat or stood up.
   * @param holds whether a session holds a seat.
   * @returns clients that see nothing from now on.
   */
  refresh(holds: (sessionId: string) => boolean): Client[] {
    const players = new Set<string>();
    for (const [sessionId, member] of this.#members) if (holds(sessionId)) players.add(member.identity);
    const blinded: Client[] = [];
    for (const [sessionId, member] of this.#members) {
      let sight: Sight = 'public';
      if (this.#partial && holds(sessionId)) sight = 'seat';
      else if (this.#partial && players.has(member.identity)) sight = 'blind';
      if (sight === member.sight) continue;
      member.sight = sight;
      member.behind = false;
      if (sight === 'public') this.#greet(member.client);
      if (sight === 'blind') blinded.push(member.client);
    }
    return blinded;
  }

  /** Sends `bytes` as message `type` to all who see the public view. */
  publish(type: number, bytes: Uint8Array): void {
    const frame = getMessageBytes.raw(Protocol.ROOM_DATA_BYTES, type, undefined, bytes);
    let sent = 0;
    for (const member of this.#members.values()) {
      if (member.sight !== 'public') continue;
      if (this.#choked(member)) continue;
      member.client.enqueueRaw(frame);
      sent += frame.length;
    }
    this.#countBytes(sent);
  }

  /** Sends `bytes` to those of the public who want them; who does not keep up goes without, and misses nothing else. */
  whisper(type: number, bytes: Uint8Array, wants: (sessionId: string) => boolean): void {
    let frame: Uint8Array | null = null;
    for (const [sessionId, member] of this.#members) {
      if (member.sight !== 'public' || !wants(sessionId)) continue;
      if (member.behind || bufferedBytes(member.client) > CHOKED_BYTES) continue;
      frame ??= getMessageBytes.raw(Protocol.ROOM_DATA_BYTES, type, undefined, bytes);
      member.client.enqueueRaw(frame);
      this.#countBytes(frame.length);
    }
  }

  /** Sends `message` as message `type` to those with the given sight, or to all. */
  tell(type: number, message: unknown, sight?: Sight): void {
    const frame = getMessageBytes.raw(Protocol.ROOM_DATA, type, message);
    for (const member of this.#members.values()) {
      if (sight !== undefined && member.sight !== sight) continue;
      member.client.enqueueRaw(frame);
      this.#countBytes(frame.length);
    }
  }

  /** Sends binary `bytes` to one client. */
  send(client: Client, type: number, bytes: Uint8Array): void {
    client.sendBytes(type, bytes);
    this.#countBytes(bytes.length + 2);
  }

  #choked(member: Member): boolean {
    const waiting = bufferedBytes(member.client);
    if (!member.behind) {
      member.behind = waiting > CHOKED_BYTES;
      return member.behind;
    }
    if (waiting > DRAINED_BYTES) return true;
    // The keyframe includes this frame's tick, so the frame itself is left out.
    member.behind = false;
    this.#greet(member.client);
    return true;
  }
}

function bufferedBytes(client: Client): number {
  return (client.ref as { bufferedAmount?: number }).bufferedAmount ?? 0;
}
