"""`tansiq plan`: makes plans from other things. So far from tracks."""

import argparse


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    pass
