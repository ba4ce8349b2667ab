"""What a user waits for: CPU seconds of whole commands in fresh processes, kernels compiled before.

    python -m benches.cli [--write]

Medians; the commands of one round run one after the other, so that a busy machine slows all alike.
The real day is measured only where ../shared/data lies beside the checkout.
"""

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benches.machine import write

ROUNDS = 5
DAY = Path(__file__).parents[2] / "shared/data/tracks/switzerland-2018-08-01.json.gz"
NAME = "cli"


def cpu_s(command: list[str], output: Path) -> float:
    """The CPU seconds of a command, its children's and the system's share included; a conflict is no failure."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with output.open("wb") as out:
        done = subprocess.run(command, stdout=out, stderr=subprocess.DEVNULL, check=False)
    assert done.returncode in {0, 1}, command
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Prints the figures, and writes them down if asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true", help="keep them in results/")
    chosen = parser.parse_args()
    tansiq = str(Path(sys.executable).with_name("tansiq"))
    # Compiled Python is kept, as an installation keeps it.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    with tempfile.TemporaryDirectory() as folder:
        plan, day = Path(folder) / "plan.json", Path(folder) / "day.json"
        cpu_s([tansiq, "sim", "plans", "--seed", "3", "--count", "400"], plan)
        volumes = plan.read_bytes().count(b'"outline_')
        rule = ["--minima-horizontal", "3NM", "--minima-vertical", "1000ft"]
        commands = {
            "import tansiq": ([sys.executable, "-c", "import tansiq"], Path(os.devnull)),
            f"check {volumes} volumes, minima 0": ([tansiq, "check", str(plan)], Path(os.devnull)),
            f"check {volumes} volumes, 3 NM / 1000 ft": ([tansiq, "check", str(plan), *rule], Path(os.devnull)),
        }
        if DAY.exists():
            commands |= {
                "plan from-tracks, 139,098 reports": ([tansiq, "plan", "from-tracks", str(DAY)], day),
                "check that day, minima 0": ([tansiq, "check", str(day), "--format", "json"], Path(os.devnull)),
                "check that day, 3 NM / 1000 ft": (
                    [tansiq, "check", str(day), "--format", "json", *rule],
                    Path(os.devnull),
                ),
            }
        for command, output in commands.values():
            cpu_s(command, output)
        rounds = [{name: cpu_s(*run) for name, run in commands.items()} for _ in range(ROUNDS)]
    figures = {name: round(statistics.median(r[name] for r in rounds), 2) for name in commands}
    if chosen.write:
        write(NAME, {"cpu_s": figures, "rounds": ROUNDS})
    else:
        print(figures)


if __name__ == "__main__":
    main()
