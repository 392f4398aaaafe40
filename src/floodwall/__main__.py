"""`python -m floodwall`: the same command line as the `floodwall` script."""

from floodwall.cli.main import main

if __name__ == "__main__":
    main(prog_name="floodwall")
