/** Builds the browser client into `dist/client`, from where the server serves it. */
import { defineConfig } from 'vite';

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
  },
});
