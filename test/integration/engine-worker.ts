/** A worker thread that makes an update on ONNX Runtime and posts what it gave. */
import { parentPort, workerData } from 'node:worker_threads';
import { openEngine } from '../../agents/engine/index.ts';
import { ppoUpdate, updated } from './engine-update.ts';

const { networks, count } = workerData as { networks: number; count: number };
parentPort!.postMessage(await updated(await openEngine('onnx'), ppoUpdate(networks), count));
