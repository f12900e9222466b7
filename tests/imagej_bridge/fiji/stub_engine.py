"""An engine that finds the same two cells in every image, and fails as it is told to.

Standard library only, so that it starts at once. The last word of its program's name is the way
in which it fails.
"""

import json
import os
import struct
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
COLUMNS = {"id": [1, 2], "plane": [0, 0], "area": [24, 8], "confidence": [0.5, 0.25]}


def read():
    start = sys.stdin.buffer.read(20)
    if len(start) < 20:
        sys.exit(0)
    _, length, payload = struct.unpack("<8sIQ", start)
    header = json.loads(sys.stdin.buffer.read(length))
    sys.stdin.buffer.read(payload)
    return header


def write(number, answer, payload=b"", **fields):
    header = json.dumps({"id": number, "type": answer, **fields}).encode()
    frame = struct.pack("<8sIQ", b"SAMCELL1", len(header), len(payload)) + header + payload
    sys.stdout.buffer.write(frame)
    sys.stdout.buffer.flush()


def segment(header):
    """A cell of 4 x 6 pixels, and a ring of 8 around a hole."""
    height, width = header["arrays"][0]["shape"][-2:]
    labels = [[0] * width for _ in range(height)]
    for y in range(2, 6):
        labels[y][3:9] = [1] * 6
    for y in range(10, 13):
        labels[y][10:13] = [2, 0 if y == 11 else 2, 2]
    data = b"".join(struct.pack(f"<{width}H", *row) for row in labels)
    arrays = [{"name": "labels", "dtype": "uint16", "shape": [height, width]}]
    for name, values in COLUMNS.items():
        arrays.append({"name": f"cells.{name}", "dtype": "float64", "shape": [2]})
        data += struct.pack("<2d", *values)
    write(
        header["id"],
        "result",
        data,
        arrays=arrays,
        count=2,
        axes="YX",
        settings=header["settings"],
        model={"name": header["model"], "sha256": "0"},
        device="cpu",
        precision="fp32",
        columns=[{"name": name} for name in COLUMNS],
        notes=["a note of the engine"],
        seconds={"load": 0, "segment": 0.5},
    )


def main(way):
    (FOLDER / f"{way}.pid").write_text(str(os.getpid()))
    if way == "empty":
        sys.exit("python: Error: No module named 'samcell_core'")
    if way == "broken":
        sys.exit("ImportError: libtorch.so is missing")
    print("Something that a site prints first", flush=True)
    while True:
        header = read()
        number, operation = header["id"], header["op"]
        if operation == "hello":
            write(number, "result", protocol=1, engine="0.0", python="3", models=[])
        elif operation == "cancel":
            write(number, "result", cancelled=True)
            write(header["target"], "error", kind="cancelled", message="It was cancelled.")
        elif way == "slow":
            write(number, "progress", what="tiles", done=1, total=9)
        elif way == "full":
            write(number, "error", kind="memory", message="There is not enough memory: close it.")
        elif way == "dying":
            os.kill(os.getpid(), 9)
        elif way == "once" and not (FOLDER / "died").exists():
            (FOLDER / "died").touch()
            os.kill(os.getpid(), 9)
        else:
            segment(header)


if __name__ == "__main__":
    main(sys.argv[1])
