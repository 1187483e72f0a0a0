/** Plain HTTP: the built client, the JSON interface, health and metrics. */

import { fileURLToPath } from 'node:url';
import express from 'express';
import { ENVIRONMENTS } from '../shared/registry.ts';
import { describeEnvironments } from './describe.ts';
import { directory } from './directory.ts';
import { registry } from './metrics.ts';
import { policies } from './policies/index.ts';

/** Where `vite build` puts the client. */
export const CLIENT_DIRECTORY = fileURLToPath(new URL('../dist/client', import.meta.url));

/** Largest body of a request, in bytes: a room's options with a map of one's own fit well. */
export const MAX_BODY_BYTES = 256 * 1024;

export function addRoutes(app: express.Application): void {
  app.disable('x-powered-by');
  app.use((_request, response, next) => {
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'same-origin');
    next();
  });
  app.get('/api/environments', (_request, response) => {
    response.json(describeEnvironments(ENVIRONMENTS));
  });
  app.get('/api/rooms', (_request, response) => {
    response.json(Array.from(directory.rooms, (room) => room.summary()));
  });
  app.get('/api/policies', async (_request, response) => {
    response.json(await policies.list());
  });
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok', rooms: directory.rooms.size, uptime: Math.round(process.uptime()) });
  });
  app.get('/metrics', async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  });
  // Named files are hashed and may be kept; the page that names them may not. `express.static` refuses to leave its
  // folder.
  const assets = express.static(CLIENT_DIRECTORY, {
    index: false,
    setHeaders(response, path) {
      response.setHeader(
        'Cache-Control',
        path.includes('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      );
    },
  });
  app.get('/', (_request, response) => {
    response.sendFile('index.html', { root: CLIENT_DIRECTORY, headers: { 'Cache-Control': 'no-cache' } });
  });
  app.use(assets);
  app.use((_request, response) => {
    response.status(404).json({ error: 'there is nothing at this address' });
  });
  app.use(
    (_error: unknown, _request: express.Request, response: express.Response, _next: express.NextFunction) => {
      response.status(400).json({ error: 'this request cannot be read' });
    },
  );
}
