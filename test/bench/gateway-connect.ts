/** A bare connection of an agent, without the client that it usually has. */
import { io, type Socket } from 'socket.io-client';
import { AGENT_NAMESPACE, AGENT_PROTOCOL_VERSION } from '../../shared/protocol/agents/index.ts';

export function connectAgent(url: string, token: string): Promise<Socket> {
  const socket = io(url + AGENT_NAMESPACE, {
    auth: { protocol: AGENT_PROTOCOL_VERSION, token },
    transports: ['websocket'],
    forceNew: true,
  });
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket));
    socket.once('connect_error', reject);
  });
}
