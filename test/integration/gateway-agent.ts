/** An agent that speaks Socket.IO through its plain library, for tests of the gateway itself. */
import { io, type Socket } from 'socket.io-client';
import { afterAll } from 'vitest';
import {
  AGENT_NAMESPACE,
  AGENT_PROTOCOL_VERSION,
  type AgentError,
  CLOSING_EVENT,
  frameLayout,
  type Opened,
  type OpenInput,
} from '../../shared/protocol/agents/index.ts';

export class GatewayAgent {
  readonly socket: Socket;
  /** What the arena says before it ends the connection, and that it has. */
  readonly closing: Promise<AgentError>;
  readonly gone: Promise<unknown>;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closing = new Promise((resolve) => socket.once(CLOSING_EVENT, resolve));
    this.gone = new Promise((resolve) => socket.once('disconnect', resolve));
    afterAll(() => socket.close());
  }

  /** @param auth what is said on connecting; with the protocol's version unless that says otherwise. */
  static connect(
    url: string,
    auth: string | Record<string, unknown>,
    transports: readonly string[] = ['websocket'],
  ): Promise<GatewayAgent> {
    const said = typeof auth === 'string' ? { protocol: AGENT_PROTOCOL_VERSION, token: auth } : auth;
    const socket = io(url + AGENT_NAMESPACE, {
      auth: said,
      transports: [...transports],
      forceNew: true,
      reconnection: false,
    });
    const agent = new GatewayAgent(socket);
    return new Promise((resolve, reject) => {
      socket.once('connect', () => resolve(agent));
      socket.once('connect_error', (error: Error & { data?: AgentError }) =>
        reject(Object.assign(error, error.data)),
      );
    });
  }

  /** The answer, whatever it is. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are what is looked at.
  ask(event: string, ...message: unknown[]): Promise<any> {
    return this.socket.emitWithAck(event, ...message);
  }

  /** The code of the refusal, or null for an answer. */
  async code(event: string, ...message: unknown[]): Promise<string | null> {
    return (await this.ask(event, ...message))?.error?.code ?? null;
  }

  /** Opens and resets. @returns a request whose actions are all 0. */
  async begin(open: Partial<OpenInput> = {}): Promise<Uint8Array> {
    const opened: Opened = await this.ask('open', { environment: 'harvest', ...open });
    await this.ask('reset', { batch: opened.batch });
    const { batch, environments, visible, game } = opened;
    const request = new Uint8Array(frameLayout({ ...game, environments, visible }).requestBytes);
    new DataView(request.buffer).setUint16(0, batch, true);
    return request;
  }
}
