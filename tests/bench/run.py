"""Runs the measures named on the command line, or all of them. See run.sh."""
import argparse

import bench_support
import measures_http
import measures_queue

MEASURES = {
    "P1": measures_http.small_answers, "P2": measures_queue.submit,
    "P3": measures_http.parked_connections, "P4": measures_http.event_streams,
    "P5": measures_queue.makespan, "P6": measures_http.large_pictures,
    "P7": measures_queue.million, "P8": measures_queue.start, "P9": measures_queue.latency,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("measures", nargs="*", metavar="P1", help="all when none is named")
    given = parser.parse_args()
    unknown = [name for name in given.measures if name not in MEASURES]
    if unknown:
        parser.error(f"unknown: {', '.join(unknown)}")
    bench_support.BIN = given.bin
    table = bench_support.Table()
    for name, measure in MEASURES.items():
        if not given.measures or name in given.measures:
            measure(table)
    table.show()


if __name__ == "__main__":
    main()
