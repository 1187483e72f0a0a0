"""PyTorch's side of the learning benchmark: the same network and the same update, on one thread.

Needs nothing but torch (1.13 or later). Prints one JSON object a line and tells what it is doing on stderr:

    {"torch": "2.15.0", "measure": "gemm" | "inference" | "update", "variant": "...", "batch": 640,
     "ms": 5.1, "bestMs": 4.9, "repeats": 80, ...}

`ms` is the median and `bestMs` the minimum of one call, in milliseconds. A gemm has `gflops`, the others
`samplesPerSecond` (one sample is one step of one player), both of the median. An inference has `input`: "ids" starts
from uint8 class ids, as acting does, and "rgb" from float32 pixels that are ready. Each point is measured in every
variant known to be fast somewhere; which one wins depends on the machine and the batch, so whoever compares takes the
fastest line of a point. Variants of a point take turns, so that a noisy neighbour slows all of them alike.

Network (Jaques et al. 2019): window [15, 15] class ids -> RGB / 255 [3, 15, 15] -> conv 6 filters 3x3 valid, ReLU ->
flatten 1014 -> dense 32, ReLU -> dense 32, ReLU -> LSTM 128 -> policy logits [8] and value [1]. All float32.
"""

import argparse
import json
import os
import sys
import time

# Before torch loads: where its BLAS is OpenBLAS, torch.set_num_threads does not reach that library's own threads.
for library in ("OMP", "MKL", "OPENBLAS"):
    os.environ[f"{library}_NUM_THREADS"] = "1"

try:
    import warnings

    warnings.filterwarnings("ignore")  # torch's about numpy, which is not needed here
    import torch
    from torch import nn
    from torch.nn import functional as F
except ImportError as error:
    print(f"torch_bench: PyTorch is missing from {sys.executable} ({error}); pip install torch", file=sys.stderr)
    sys.exit(3)

CLASSES, SIDE, HIDDEN, ACTIONS = 14, 15, 128, 8
GEMM_SIDE = 1024
# The update: sequences (the batch of BPTT) x steps, and the coefficients of SocialJax's IPPO.
SEQUENCES, STEPS = 64, 20
LEARNING_RATE, CLIP, VALUE_WEIGHT, ENTROPY_WEIGHT, MAX_NORM = 5e-4, 0.2, 0.5, 0.01, 0.5


class Network(nn.Module):
    """`recurrence` is how the LSTM runs: "lstm" (nn.LSTM over a whole sequence) or "cell" (nn.LSTMCell a step)."""

    def __init__(self, recurrence):
        super().__init__()
        self.recurrence = recurrence
        self.register_buffer("palette", torch.rand(CLASSES, 3))
        self.conv = nn.Conv2d(3, 6, 3)
        self.dense1 = nn.Linear(6 * (SIDE - 2) ** 2, 32)
        self.dense2 = nn.Linear(32, 32)
        self.lstm = nn.LSTM(32, HIDDEN) if recurrence == "lstm" else nn.LSTMCell(32, HIDDEN)
        self.heads = nn.Linear(HIDDEN, ACTIONS + 1)

    def rgb(self, ids):
        """uint8 [B, 15, 15] -> float32 [B, 3, 15, 15]; the palette is divided by 255 already. Contiguous, because
        the convolution of three channels is faster that way than in the channels-last order of the look-up."""
        return F.embedding(ids.int(), self.palette).permute(0, 3, 1, 2).contiguous()

    def features(self, rgb):
        """float32 [B, 3, 15, 15] -> [B, 32]."""
        x = F.relu(self.conv(rgb)).flatten(1)
        return F.relu(self.dense2(F.relu(self.dense1(x))))

    def step(self, rgb, h, c):
        """One step of acting, states [B, 128]. Returns logits [B, 8], value [B], h, c."""
        x = self.features(rgb)
        if self.recurrence == "lstm":
            _, (h, c) = self.lstm(x.unsqueeze(0), (h.unsqueeze(0), c.unsqueeze(0)))
            h, c = h.squeeze(0), c.squeeze(0)
        else:
            h, c = self.lstm(x, (h, c))
        out = self.heads(h)
        return out[:, :ACTIONS], out[:, ACTIONS], h, c

    def sequence(self, ids, h, c):
        """uint8 [T, S, 15, 15], states [S, 128] -> logits [T * S, 8], values [T * S]. No episode ends inside a
        sequence, so nothing is reset: the form that favours nn.LSTM."""
        steps, sequences = ids.shape[:2]
        x = self.features(self.rgb(ids.flatten(0, 1))).view(steps, sequences, -1)
        if self.recurrence == "lstm":
            out, _ = self.lstm(x, (h.unsqueeze(0), c.unsqueeze(0)))
        else:
            hs = []
            for t in range(steps):
                h, c = self.lstm(x[t], (h, c))
                hs.append(h)
            out = torch.stack(hs)
        out = self.heads(out.flatten(0, 1))
        return out[:, :ACTIONS], out[:, ACTIONS]

    def forward(self, x, h, c):
        """`step` from whichever input it is given: uint8 class ids [B, 15, 15] or float32 RGB [B, 3, 15, 15]."""
        return self.step(self.rgb(x) if x.dtype == torch.uint8 else x, h, c)


def timed(variants, seconds):
    """Times each callable of {name: callable} for about `seconds`, all taking turns. Returns {name: [seconds]}."""
    for call in variants.values():
        warm = time.perf_counter() + seconds / 5
        for _ in range(5):  # at least, since jit and compile specialise in the first calls
            call()
        while time.perf_counter() < warm:
            call()
    times = {name: [] for name in variants}
    end = time.perf_counter() + seconds * len(variants)
    while time.perf_counter() < end:
        for name, call in variants.items():
            turn = time.perf_counter() + 0.02
            while True:
                start = time.perf_counter()
                call()
                stop = time.perf_counter()
                times[name].append(stop - start)
                if stop >= turn:
                    break
    return times


def report(measure, times, batch, extra=lambda median: {}):
    for variant, values in times.items():
        values.sort()
        median = values[len(values) // 2]
        line = {"torch": torch.__version__, "measure": measure, "variant": variant, "batch": batch}
        line.update(ms=median * 1e3, bestMs=values[0] * 1e3, repeats=len(values), **extra(median))
        print(json.dumps(line), flush=True)


def note(text):
    print(f"torch_bench: {text}", file=sys.stderr, flush=True)


def add_if_it_runs(variants, name, make):
    """Adds make() under `name`, unless this torch lacks it: torch.compile, for one, is of torch 2 and needs a C++
    compiler and Python's headers."""
    try:
        call = make()
        call()
        variants[name] = call
    except Exception as error:  # whatever torch or the compiler raises
        note(f"{name} left out: {(str(error).strip() or repr(error)).splitlines()[0]}")


def compiled(network, args, mode):
    """A call of `network` by torch.compile, specialised to these shapes; "autotune" also packs the weights and tries
    several kernels for each product, which takes half a minute a batch and pays at the smallest ones."""
    torch._dynamo.reset()  # each batch is a program of its own, and old ones count towards a limit
    autotune = mode == "autotune"
    if autotune:
        torch._inductor.config.freezing = True
    program = torch.compile(network, dynamic=False, mode="max-autotune-no-cudagraphs" if autotune else None)
    return lambda: program(*args)


def gemm(options):
    a, b = torch.randn(2, GEMM_SIDE, GEMM_SIDE)
    out = torch.empty(GEMM_SIDE, GEMM_SIDE)
    times = timed({"mm": lambda: torch.mm(a, b, out=out)}, options.seconds)
    report("gemm", times, GEMM_SIDE, lambda median: {"gflops": 2 * GEMM_SIDE**3 / median / 1e9})


def inference(options):
    for batch in options.batches:
        ids = torch.randint(0, CLASSES, (batch, SIDE, SIDE), dtype=torch.uint8)
        for name, x in (("ids", ids), ("rgb", torch.rand(batch, 3, SIDE, SIDE))):
            note(f"inference of {batch} from {name}")
            args = (x, torch.randn(batch, HIDDEN), torch.randn(batch, HIDDEN))
            variants = {}
            for recurrence in ("cell", "lstm"):
                network = Network(recurrence).eval()
                # Default arguments, since a closure would see only the last network.
                variants[f"eager {recurrence}"] = lambda call=network: call(*args)
                with torch.no_grad():
                    frozen = torch.jit.freeze(torch.jit.trace(network, args))
                variants[f"jit {recurrence}"] = lambda call=frozen: call(*args)
            # Freezing, of the compiler's, happens under no_grad only.
            with torch.no_grad() if options.compile == "autotune" else torch.inference_mode():
                if options.compile != "no":
                    network = Network("cell").eval()
                    add_if_it_runs(
                        variants, f"compile {options.compile}", lambda: compiled(network, args, options.compile)
                    )
                times = timed(variants, options.seconds)
            rate = lambda median: {"input": name, "samplesPerSecond": batch / median}  # noqa: E731
            report("inference", times, batch, rate)


def loss_of(network, ids, h, c, actions, old_log_prob, advantage, returns):
    """PPO-clip: -mean min(rho A, clip(rho) A) + 0.5 mean (V - R)^2 - 0.01 mean H."""
    logits, value = network.sequence(ids, h, c)
    log_probs = F.log_softmax(logits, 1)
    rho = torch.exp(log_probs.gather(1, actions).squeeze(1) - old_log_prob)
    policy = -torch.min(rho * advantage, rho.clamp(1 - CLIP, 1 + CLIP) * advantage).mean()
    entropy = -(log_probs.exp() * log_probs).sum(1).mean()
    return policy + VALUE_WEIGHT * (value - returns).square().mean() - ENTROPY_WEIGHT * entropy


def update(options):
    samples = SEQUENCES * STEPS
    ids = torch.randint(0, CLASSES, (STEPS, SEQUENCES, SIDE, SIDE), dtype=torch.uint8)
    actions = torch.randint(0, ACTIONS, (samples, 1))
    data = (
        ids,
        torch.zeros(SEQUENCES, HIDDEN),
        torch.zeros(SEQUENCES, HIDDEN),
        actions,
        torch.full((samples,), 1 / ACTIONS).log(),
        torch.randn(samples),
        torch.randn(samples),
    )

    def variant(recurrence, **adam):
        network = Network(recurrence)
        parameters = list(network.parameters())
        optimizer = torch.optim.Adam(parameters, lr=LEARNING_RATE, eps=1e-5, **adam)

        def call():
            optimizer.zero_grad(set_to_none=True)
            loss_of(network, *data).backward()
            nn.utils.clip_grad_norm_(parameters, MAX_NORM)
            optimizer.step()

        return call

    note(f"update of {SEQUENCES} sequences of {STEPS} steps")
    # Not torch.compile of the loss: 40 ms where eager took 27, as its backward pass loses oneDNN's.
    variants = {}
    for recurrence in ("lstm", "cell"):
        for adam in ("foreach", "fused"):
            name = f"eager {recurrence}, {adam} Adam"
            add_if_it_runs(variants, name, lambda: variant(recurrence, **{adam: True}))
    report("update", timed(variants, options.seconds), samples, lambda median: {"samplesPerSecond": samples / median})


MEASURES = {"gemm": gemm, "inference": inference, "update": update}


def main():
    parser = argparse.ArgumentParser(description="Times PyTorch on one thread; one JSON object a line.")
    parser.add_argument("--seconds", type=float, default=1.0, help="for each line (default 1)")
    parser.add_argument("--batches", type=int, nargs="+", default=[5, 40, 160, 640], help="of inference")
    parser.add_argument("--measures", nargs="+", choices=list(MEASURES), default=list(MEASURES))
    parser.add_argument(
        "--compile",
        choices=["no", "default", "autotune"],
        default="default",
        help="torch.compile for inference; autotune takes minutes (default: default)",
    )
    options = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    for measure in options.measures:
        MEASURES[measure](options)


if __name__ == "__main__":
    main()
