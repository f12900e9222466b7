"""Ours and the published `samcell` 1.2.0 side by side: seconds, memory, tiles per second.

Both run the same random SAM ViT-B weights on the same images, each in a process of its own, in
turns; medians are printed as Markdown tables. Images that would take hours are extrapolated from
the seconds per tile, and marked "~". With a GPU, tiles per second by batch, precision and
attention are measured on it too.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil
import torch

TILES = {(512, 512): 9, (520, 704): 12, (2048, 2048): 121}


def picture(shape: tuple[int, int]) -> np.ndarray:
    noise = np.random.default_rng(0).random(shape).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), 5)
    return cv2.normalize(smooth, None, 0, 255, cv2.NORM_MINMAX).astype(np.uint8)


def peer_run(weights: str, device: str) -> Any:
    from published_samcell import published_pipeline, vit_b_config

    from samcell_core.machine import available_cores

    torch.set_num_threads(available_cores())
    peer = published_pipeline(vit_b_config(), weights)
    peer.device = device
    return lambda image: peer.run(image, return_dist_map=True)


def our_run(weights: str, device: str, precision: str) -> Any:
    import samcell_core as sc

    segmenter = sc.Segmenter(weights, device=device, precision=precision)
    return segmenter.segment


def child(program: str, weights: str, device: str, shapes: list[list[int]]) -> None:
    """Time one program on images; print seconds of each and the peak memory as JSON."""
    run = peer_run(weights, device) if program == "peer" else our_run(weights, device, program)
    run(picture((256, 256))[:192, :192].repeat(2, 0)[:256].repeat(2, 1)[:, :256])
    seconds = []
    for shape in shapes:
        start = time.perf_counter()
        run(picture((shape[0], shape[1])))
        seconds.append(time.perf_counter() - start)
    memory = psutil.Process().memory_info()
    peak = getattr(memory, "peak_wset", 0) or _peak_resident()
    print(json.dumps({"seconds": seconds, "peak": peak}))


def _peak_resident() -> int:
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def measure(
    program: str, weights: str, device: str, shapes: list[tuple[int, int]]
) -> dict[str, Any]:
    command = [sys.executable, __file__, "--child", program, "--weights", weights]
    command += ["--device", device, "--shapes", *(f"{h}x{w}" for h, w in shapes)]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    result: dict[str, Any] = json.loads(output.splitlines()[-1])
    return result


def compare(device: str, shapes: list[tuple[int, int]], rounds: int) -> None:
    import samcell_core as sc
    from samcell_core.devices import choose_precision

    programs = ["peer", "fp32"]
    if choose_precision("auto", torch.device(device)) == "bf16":
        programs.append("bf16")
    with tempfile.TemporaryDirectory() as folder:
        from published_samcell import random_state, vit_b_config

        weights = str(Path(folder) / "vit-b.pt")
        torch.save(random_state(vit_b_config()), weights)
        runs: dict[str, list[dict[str, Any]]] = {program: [] for program in programs}
        for _ in range(rounds):
            for program in programs:
                runs[program].append(measure(program, weights, device, shapes))
    print(
        f"\nsamcell-suite {sc.__version__}, torch {torch.__version__}, {device}, {rounds} rounds\n"
    )
    heads = [f"{h} x {w}" for h, w in shapes]
    print("| program | s per tile |", " | ".join(heads), "| 2048 x 2048 | peak memory | speed |")
    print("| --- |" + " ---: |" * (len(shapes) + 4))
    names = {"peer": "samcell 1.2.0, fp32", "fp32": "ours, fp32", "bf16": "ours, bf16"}
    reference = 0.0
    for program in programs:
        seconds = [
            statistics.median(run["seconds"][index] for run in runs[program])
            for index in range(len(shapes))
        ]
        peak = statistics.median(run["peak"] for run in runs[program])
        tile = seconds[0] / TILES[shapes[0]]
        reference = reference or tile
        figures = " | ".join(f"{value:.1f} s" for value in seconds)
        print(
            f"| {names[program]} | {tile:.2f} | {figures} | ~{tile * 121:.0f} s | "
            f"{peak / 2**30:.2f} GB | {reference / tile:.2f} x |",
            flush=True,
        )


def tiles_per_second(device: str, batches: list[int], shape: Any = None) -> None:
    """Rate of the network alone by precision, attention and batch, on resident tiles."""
    import samcell_core as sc
    from samcell_core.devices import PRECISIONS
    from samcell_core.models.sam_encoder import GLOBAL_ATTENTIONS

    model = sc.random_model(shape)
    tiles = torch.randint(0, 256, (max(batches), 256, 256), dtype=torch.uint8).to(device)
    wait = torch.cuda.synchronize if device.startswith("cuda") else (lambda: None)
    print("\n| precision | attention |", " | ".join(f"batch {b}" for b in batches), "|")
    print("| --- | --- |" + " ---: |" * len(batches))
    for precision, dtype in PRECISIONS.items():
        network: Any = model.on(torch.device(device), dtype)
        for attention in GLOBAL_ATTENTIONS:
            network.attention = attention
            rates = []
            for batch in batches:
                with torch.inference_mode():
                    times = []
                    for number in range(7):
                        start = time.perf_counter()
                        network(tiles[:batch])
                        wait()
                        if number >= 2:
                            times.append(time.perf_counter() - start)
                rates.append(f"{batch / statistics.median(times):.1f}")
            print(f"| {precision} | {attention} |", " | ".join(rates), "|", flush=True)


def _shape(text: str) -> tuple[int, int]:
    height, width = text.split("x")
    return int(height), int(width)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shapes", nargs="+", type=_shape, default=[(512, 512), (520, 704)])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--weights", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.child:
        child(chosen.child, chosen.weights, chosen.device, chosen.shapes)
        return
    print(platform.platform(), platform.processor(), f"{psutil.cpu_count()} cores")
    compare(chosen.device, chosen.shapes, chosen.rounds)
    if chosen.device != "cpu":
        tiles_per_second(chosen.device, [1, 2, 4, 8, 16, 32])


if __name__ == "__main__":
    main()
