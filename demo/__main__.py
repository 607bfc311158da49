"""`python -m demo [--lang fr]`: the main job, end to end, on the embedded default, with a real server and real commands."""

import argparse
import sys
import time
from pathlib import Path

from demo.cast import assemble
from demo.stage import ROOT, DemoFailed, Stage
from demo.story import Story


def main() -> int:
    """Tell the story; return 0 when every step ended as it should, else 1."""
    parser = argparse.ArgumentParser(prog="python -m demo")
    parser.add_argument("--lang", choices=("en", "fr"), default="en")
    parser.add_argument("--folder", type=Path, default=ROOT)
    chosen = parser.parse_args()
    stage = Stage(chosen.folder / "instance-demo", chosen.folder / "demo-officers", chosen.lang)
    started = time.monotonic()
    try:
        stage.clear()
        assemble(stage)
        story = Story(stage)
        for chapter in (
            story.transmit,
            story.withheld,
            story.agreed,
            story.read,
            story.widened,
            story.stopped,
            story.withdrawn,
            story.audited,
            story.tampered,
            story.searched,
        ):
            chapter()
    except DemoFailed as error:
        print(f"\n    ✘ {error}", file=sys.stderr)
        return 1
    finally:
        stage.stop_server()
    stage.tell("end", instance=stage.instance.name, homes=stage.homes.name, seconds=round(time.monotonic() - started))
    return 0


if __name__ == "__main__":
    sys.exit(main())
