/** For tests: cases of all kernels of the tracing backend. */
import type { KernelCases } from './case.ts';
import { ELEMENTWISE } from './elementwise.ts';
import { LINEAR } from './linear.ts';
import { REDUCE } from './reduce.ts';
import { SHAPE } from './shape.ts';

export type { KernelCase } from './case.ts';

export const CASES: KernelCases = { ...ELEMENTWISE, ...SHAPE, ...REDUCE, ...LINEAR };
