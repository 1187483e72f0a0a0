/** Builds the browser client into `dist/client`, from where the server serves it, and the agents' client beside it. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** Served as `/agent-client.js`: whoever writes a bot in a page imports it from there, so its name does not change. */
const AGENT_CLIENT = 'agent-client';
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: 'client',
  // Relative, so that the arena also works below a path of somebody's own web server.
  base: './',
  build: {
    outDir: '../dist/client',
    emptyOutDir: true,
    target: 'es2022',
    // Phaser is one large module that is loaded with the first arena, not with the lobby.
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      input: { index: at('client/index.html'), [AGENT_CLIENT]: at('agents/client/index.ts') },
      preserveEntrySignatures: 'exports-only',
      output: {
        entryFileNames: ({ name }) =>
          name === AGENT_CLIENT ? `${AGENT_CLIENT}.js` : 'assets/[name]-[hash].js',
      },
    },
  },
});
