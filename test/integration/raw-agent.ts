/** An agent as nobody should write one: WebSocket and Socket.IO by hand, so that it can do what a client's library would not. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { AGENT_PROTOCOL_VERSION } from '../../shared/protocol/agents/index.ts';

const TEXT = 0x81;
const BINARY = 0x82;

export class RawAgent {
  readonly socket: Socket;
  /** Everything that came, as bytes. */
  #got = Buffer.alloc(0);
  readonly closed: Promise<unknown>;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => {});
    socket.on('data', (bytes) => (this.#got = Buffer.concat([this.#got, bytes])));
  }

  /** Connected to `/agents`. */
  static async connect(url: string, token: string): Promise<RawAgent> {
    const agent = await RawAgent.open(url);
    agent.text(`40/agents,${JSON.stringify({ protocol: AGENT_PROTOCOL_VERSION, token })}`);
    await agent.until('40/agents,');
    return agent;
  }

  /** Upgraded, without having said who it is. */
  static async open(url: string): Promise<RawAgent> {
    const { hostname, port, host } = new URL(url);
    const socket = connect(Number(port), hostname);
    const agent = new RawAgent(socket);
    socket.write(
      [
        'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
        `Host: ${host}`,
        'Upgrade: websocket',
        'Connection: Upgrade',
        'Sec-WebSocket-Version: 13',
        `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
        '\r\n',
      ].join('\r\n'),
    );
    await agent.until('"pingTimeout"');
    return agent;
  }

  text(text: string): void {
    this.socket.write(frame(TEXT, Buffer.from(text)));
  }

  bytes(bytes: Uint8Array): void {
    this.socket.write(frame(BINARY, bytes));
  }

  /** An event with an acknowledgement. */
  event(id: number, name: string, message: object): void {
    this.text(`42/agents,${id}${JSON.stringify([name, message])}`);
  }

  /** What announces the bytes of a step. */
  announceStep(id: number): void {
    this.text(`451-/agents,${id}["step",{"_placeholder":true,"num":0}]`);
  }

  /** Waits until something has come. */
  async until(text: string): Promise<void> {
    while (!this.#got.includes(text)) await once(this.socket, 'data');
  }
}

/** A whole frame, masked by zeros as clients must. */
export function frame(kind: number, payload: Uint8Array): Buffer {
  const { length } = payload;
  if (length > 0xffff) throw new RangeError(`a frame of ${length} bytes is not needed here`);
  const header =
    length < 126
      ? Buffer.from([kind, 0x80 | length, 0, 0, 0, 0])
      : Buffer.from([kind, 0x80 | 126, length >> 8, length & 255, 0, 0, 0, 0]);
  return Buffer.concat([header, payload]);
}
