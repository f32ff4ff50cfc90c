"""Texts a CPU second that the shipped encoder reads on one core, and the room it takes on disk.

Run as ``python -m tests.benchmarks.bench_encoder``.
"""

from __future__ import annotations

import time

from data.schema import Split
from data.tickets import load_tickets
from models.encoder import DEFAULT_ENCODER, ENCODERS_DIR, open_encoder

BATCH = 256
REPEATS = 10


def main() -> None:
    """Encodes the test tickets again and again, and prints the figures."""
    encoder = open_encoder()
    texts = [ticket.text for ticket in load_tickets() if ticket.split is Split.TEST]
    batches = [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]
    encoder.encode(texts)
    cpu = time.process_time()
    for batch in batches * REPEATS:
        encoder.encode(batch)
    rate = len(texts) * REPEATS / (time.process_time() - cpu)
    megabytes = sum(path.stat().st_size for path in (ENCODERS_DIR / DEFAULT_ENCODER).iterdir()) / 1e6
    length = sum(map(len, texts)) / len(texts)
    print(f"{encoder.id}: {megabytes:.1f} MB; {rate:,.0f} tickets of {length:.0f} characters a CPU second")


if __name__ == "__main__":
    main()
