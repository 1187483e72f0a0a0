/**
 * tfjs with its gradients. `@tensorflow/tfjs-core` alone registers none, and the module of it that does is not one that
 * Node can load; the union package registers them with the same engine.
 */
import '@tensorflow/tfjs';
import './quiet.ts';

export * from '@tensorflow/tfjs-core';
