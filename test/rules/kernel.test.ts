import { expect, it } from 'vitest';
import { assembleKernel } from '../../shared/grid/build-kernel.ts';
import { KERNEL_BASE64 } from '../../shared/grid/kernel.ts';

it('the kernel is its source, assembled; `npm run build:kernel` assembles it anew', async () => {
  expect(await assembleKernel()).toBe(KERNEL_BASE64);
});
