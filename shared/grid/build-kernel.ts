/** Assembles `windows.wat` into `kernel.ts`; run with `npm run build:kernel` after changing it. A test holds the two together. */
import { readFileSync, writeFileSync } from 'node:fs';
import wabt from 'wabt';

/** The module's bytes as base64. */
export async function assembleKernel(): Promise<string> {
  const source = new URL('./windows.wat', import.meta.url);
  const module = (await wabt()).parseWat('windows.wat', readFileSync(source, 'utf8'), { simd: true });
  return Buffer.from(module.toBinary({}).buffer).toString('base64');
}

if (import.meta.main) {
  const text = `/** \`windows.wat\`, assembled. Written by \`npm run build:kernel\`: do not edit. */\nexport const KERNEL_BASE64 =\n  '${await assembleKernel()}';\n`;
  writeFileSync(new URL('./kernel.ts', import.meta.url), text);
}
