#!/usr/bin/env node
import '../arena.ts';
